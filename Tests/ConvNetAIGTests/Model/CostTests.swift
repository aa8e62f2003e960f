import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct CostTests {
    /// Parameters, MACs and the gates' part of them, counted independently on the PyTorch models.
    static let table: [(name: String, parameters: Int, macs: Int, gates: Int)] = [
        ("resnet-cifar-8", 78_042, 12_501_632, 0),
        ("convnet-aig-cifar-8", 79_312, 12_502_752, 1_120),
        ("resnet-cifar-20", 272_474, 40_813_184, 0),
        ("convnet-aig-cifar-20", 277_820, 40_818_080, 4_896),
        ("resnet-cifar-32", 466_906, 69_124_736, 0),
        ("convnet-aig-cifar-32", 476_328, 69_133_408, 8_672),
        ("resnet-cifar-38", 564_122, 83_280_512, 0),
        ("convnet-aig-cifar-38", 575_582, 83_291_072, 10_560),
        ("resnet-cifar-56", 855_770, 125_747_840, 0),
        ("convnet-aig-cifar-56", 873_344, 125_764_064, 16_224),
        ("resnet-cifar-110", 1_730_714, 253_149_824, 0),
        ("convnet-aig-cifar-110", 1_766_630, 253_183_040, 33_216),
        ("resnet-18", 11_689_512, 1_814_073_344, 0),
        ("convnet-aig-18", 11_713_720, 1_814_097_152, 23_808),
        ("resnet-34", 21_797_672, 3_663_761_408, 0),
        ("convnet-aig-34", 21_852_232, 3_663_815_168, 53_760),
        ("resnet-50", 25_557_032, 4_089_184_256, 0),
        ("convnet-aig-50", 25_768_264, 4_089_394_688, 210_432),
        ("resnet-101", 44_549_160, 7_801_405_440, 0),
        ("convnet-aig-101", 45_040_314, 7_801_894_944, 489_504),
        ("resnet-152", 60_192_808, 11_513_626_624, 0),
        ("convnet-aig-152", 60_931_116, 11_514_362_432, 735_808),
    ]

    @Test(arguments: table.map(\.name))
    func totals(name: String) throws {
        let row = try #require(Self.table.first { $0.name == name })
        let cost = try Architecture(named: name).cost
        #expect(cost.parameters == row.parameters)
        #expect(cost.macs == row.macs)
        #expect(cost.gateMACs == row.gates)
    }

    @Test func layoutHoldsTheParameters() throws {
        for row in Self.table {
            let parameters = Weights.layout(of: try Architecture(named: row.name))
                .filter { !$0.name.contains(".running_") }
                .reduce(0) { $0 + $1.shape.reduce(1, *) }
            #expect(parameters == row.parameters)
        }
    }

    @Test func executedMACs() throws {
        let network = try Architecture(named: "resnet-cifar-8").adaptive(ungatedBlocks: [1])
        let cost = network.cost
        #expect(network.gatedBlocks == [0, 2])
        #expect(cost.executedMACs(open: [true, true], gatesEvaluated: true) == cost.macs)
        #expect(cost.executedMACs(open: [true, true], gatesEvaluated: false) == cost.macs - cost.gateMACs)
        #expect(
            cost.executedMACs(open: [true, false], gatesEvaluated: false)
                == cost.macs - cost.gateMACs - cost.blocks[2].branch.macs)
        let least = cost.stem.macs + cost.head.macs + cost.blocks.reduce(0) { $0 + $1.shortcut.macs }
        #expect(
            cost.executedMACs(open: [false, false], gatesEvaluated: false) == least
                + cost.blocks[1].branch.macs)
        #expect(network.plain.cost.executedMACs(open: []) == network.plain.cost.macs)
    }

    @Test func zeroPaddingIsFree() throws {
        let cost = try Architecture(named: "resnet-cifar-20").with(shortcut: .zeroPadded).cost
        #expect(cost.blocks.allSatisfy { $0.shortcut == .zero })
        #expect(cost.parameters == 269_722)
    }
}
