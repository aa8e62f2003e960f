import ArgumentParser
import Testing

@testable import aig_benchmark

@Suite struct ArgumentListsTests {
    @Test func models() throws {
        let models = try ArgumentLists.models("convnet-aig-50, cifar-110,resnet-18")
        #expect(models.map(\.depthName) == ["50", "cifar-110", "18"])
        #expect(models.map { $0.adaptive?.name } == ["convnet-aig-50", "convnet-aig-cifar-110", nil])
    }

    @Test func aPairNamedTwiceIsOnePair() throws {
        let models = try ArgumentLists.models("resnet-50,convnet-aig-50,50,resnet-50")
        #expect(models.map(\.depthName) == ["50"])
        #expect(models.first?.adaptive?.name == "convnet-aig-50")
    }

    @Test(arguments: ["", ",", "50,", "nope", "50,cifar-21"])
    func badModels(text: String) {
        #expect(throws: ValidationError.self) { try ArgumentLists.models(text) }
    }

    @Test func batches() throws {
        #expect(try ArgumentLists.batches("1, 8,32,8") == [1, 8, 32])
    }

    @Test(arguments: ["", "0", "-1", "1.5", "x", "1,,2", "99999"])
    func badBatches(text: String) {
        #expect(throws: ValidationError.self) { try ArgumentLists.batches(text) }
    }

    @Test func rates() throws {
        #expect(try ArgumentLists.rates("0,0.5,1") == [0, 0.5, 1])
        #expect(try ArgumentLists.rate("0.82") == 0.82)
    }

    @Test(arguments: ["", "1.01", "-0.1", "nan", "half"])
    func badRates(text: String) {
        #expect(throws: ValidationError.self) { try ArgumentLists.rate(text) }
    }

    @Test(arguments: ["0", "-1", "nan", "inf", "x"])
    func badSeconds(text: String) {
        #expect(throws: ValidationError.self) { try ArgumentLists.seconds(text) }
    }

    @Test func commandLine() throws {
        let command = try BenchmarkCommand.parse(
            [
                "--models", "50", "--batch", "4", "--rate", "0.5", "--schedule", "host", "--images", "a.png",
                "b.jpg",
            ])
        #expect(command.batch == [4])
        #expect(command.rate == 0.5)
        #expect(command.schedule == .host)
        #expect(command.images == ["a.png", "b.jpg"])
        #expect(throws: (any Error).self) {
            try BenchmarkCommand.parse(["--rate", "0.5", "--targets", "0.5"])
        }
        #expect(throws: (any Error).self) { try BenchmarkCommand.parse(["--schedule", "sometimes"]) }
    }
}
