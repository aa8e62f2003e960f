import ConvNetAIG
import Testing

@testable import ConvNetAIGStudies

@Suite struct RouteLayoutTests {
    private static func architectures() throws -> [Architecture] {
        let names = [
            "convnet-aig-cifar-20", "convnet-aig-cifar-56", "convnet-aig-cifar-110", "resnet-18", "resnet-152",
        ]
        let many = try Architecture(
            name: "many stages", input: .init(height: 8, width: 8), stem: .init(channels: 4, kernel: 3),
            stages: (0..<12).map { .init(width: 4 + $0, blocks: 1 + $0 % 2) }, blockKind: .basic, gateHidden: 2,
            classes: 3)
        return try names.map { try Architecture(named: $0) } + [many]
    }

    @Test func everyBlockHasAPlaceOfItsOwn() throws {
        for architecture in try Self.architectures() {
            let rows = RouteLayout(architecture.blocks).rows
            #expect(rows.flatMap { $0.flatMap { $0.blocks.map(\.index) } } == Array(0..<architecture.blockCount))
            for row in rows {
                #expect(row.first?.x == 0)
                for (segment, next) in zip(row, row.dropFirst()) {
                    #expect(segment.x + segment.width < next.x)
                    #expect(segment.blocks.last?.stage != next.blocks.first?.stage)
                }
                for segment in row {
                    #expect(Double(segment.blocks.count) * RouteLayout.cellWidth <= segment.width)
                    #expect(segment.x + segment.width <= RouteLayout.rowWidth)
                    #expect(Set(segment.blocks.map(\.stage)).count == 1)
                }
            }
        }
    }

    @Test func rowsOfKnownNetworks() throws {
        let counts = try ["convnet-aig-cifar-20", "convnet-aig-cifar-56", "convnet-aig-cifar-110", "convnet-aig-50"].map
        {
            RouteLayout(try Architecture(named: $0).blocks).rows.map { $0.map(\.blocks.count) }
        }
        #expect(counts == [[[3, 3, 3]], [[9], [9], [9]], [[9], [9], [9], [9], [9], [9]], [[3, 4], [6, 3]]])
    }
}
