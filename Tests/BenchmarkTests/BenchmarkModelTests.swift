import ConvNetAIG
import Testing

@testable import aig_benchmark

@Suite struct BenchmarkModelTests {
    private func labels(_ name: String, rate: Float? = nil, targets: [Float]? = nil) throws -> [String] {
        try BenchmarkModel(name).routes(rate: rate, targets: targets, seed: 1).map(\.label)
    }

    @Test(arguments: ["50", "convnet-aig-50"])
    func pairs(name: String) throws {
        let model = try BenchmarkModel(name)
        #expect(model.depthName == "50")
        #expect(model.plain.name == "resnet-50")
        #expect(model.adaptive?.name == "convnet-aig-50")
    }

    @Test func residualNetworkAlone() throws {
        let model = try BenchmarkModel("resnet-cifar-20")
        #expect(model.plain.name == "resnet-cifar-20")
        #expect(model.adaptive == nil)
        #expect(model.routes(rate: 0.5, targets: nil, seed: 1).isEmpty)
    }

    @Test(arguments: ["", "49", "cifar-21", "resnet-", "vgg-16", "resnet-resnet-50", "050"])
    func unknownNamesThrow(name: String) {
        #expect(throws: ArchitectureError.self) { try BenchmarkModel(name) }
    }

    @Test func usualRoutes() throws {
        for name in ["cifar-20", "cifar-38", "cifar-56"] { #expect(try labels(name) == ["trained"]) }
        #expect(try labels("cifar-110") == ["paper 0.82"])
        #expect(try labels("50") == ["paper t=0.5"])
        #expect(try labels("101") == ["paper t=0.3", "paper t=0.5"])
    }

    /// What the paper does not say must not be called the paper's.
    @Test func routesThatAreNotThePapers() throws {
        #expect(try labels("cifar-44") == ["rate 0.82"])
        #expect(try labels("34") == ["rate 0.6"])
        #expect(try labels("50", targets: [0.4, 0.45]) == ["paper t=0.4", "t=0.45"])
        #expect(try labels("101", targets: [0.4]) == ["t=0.4"])
    }

    @Test(arguments: ["cifar-20", "cifar-110", "50", "101"])
    func oneRateReplacesAll(name: String) throws {
        let routes = try BenchmarkModel(name).routes(rate: 0.25, targets: nil, seed: 9)
        #expect(routes == [Routes(label: "rate 0.25", policy: .rate([0.25], seed: 9))])
    }

    /// There is a CIFAR network of depth 50 too, with other blocks than the one the paper's schedule is for.
    @Test func familiesShareNoSchedules() throws {
        #expect(try labels("cifar-50") == ["rate 0.82"])
    }
}
