import Foundation
import TestSupport
import Testing

@testable import aig_benchmark

/// The built product, run as a user runs it.
@Suite struct ExecutableTests {
    private struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    private func run(_ arguments: [String], in folder: TemporaryFolder) throws -> Outcome {
        // Products lie in one folder, the test bundle among them, but a bundle may be a folder itself.
        let bundle = try #require(Bundle.main.executableURL)
        let candidates = sequence(first: bundle.deletingLastPathComponent()) {
            $0.deletingLastPathComponent()
        }
        .prefix(4).map { $0.appendingPathComponent("aig-benchmark") }
        let executable = try #require(
            candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) },
            "aig-benchmark is not beside the tests")

        // Files and not pipes: nobody has to read while the process writes.
        let output = URL(fileURLWithPath: folder.file("output"))
        let errors = URL(fileURLWithPath: folder.file("errors"))
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["AIG_CACHE": "off"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    @Test func measuresThePairThatComesTrained() throws {
        let folder = try TemporaryFolder()
        let json = folder.file("figures.json")
        let outcome = try run(
            [
                "--models", "cifar-20", "--batch", "1", "--quick", "--seconds", "0.2", "--json", json,
            ], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 120 })
        #expect(outcome.errors.contains("[1/1]"))

        let data = try Data(contentsOf: URL(fileURLWithPath: json))
        let objects = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        for object in objects { #expect(Set(object.keys) == BenchmarkResultTests.keys) }

        let rows = try JSONDecoder().decode([BenchmarkResult].self, from: data)
        #expect(rows.map(\.architecture) == ["resnet-cifar-20", "convnet-aig-cifar-20"])
        #expect(rows.map(\.routes) == ["dense", "trained"])
        let (plain, adaptive) = (try #require(rows.first), try #require(rows.last))
        #expect((plain.speedup, plain.speedupByMACs, plain.blocksExecuted) == (1, 1, 1))
        #expect(plain.macsExecuted == Double(plain.macsDense))
        #expect((plain.parameters, plain.macsDense) == (272_474, 40_813_184))
        #expect((adaptive.parameters, adaptive.macsDense) == (275_106, 40_815_616))
        #expect(adaptive.macsExecuted > 0 && adaptive.macsExecuted <= Double(adaptive.macsDense))
        #expect((0...1).contains(adaptive.blocksExecuted))
        for row in rows {
            #expect(row.latencyMsP50 > 0 && row.latencyMsP90 >= row.latencyMsP50)
            #expect(abs(row.imagesPerSecond * row.latencyMsP50 / 1e3 - 1) < 1e-9)
            #expect(abs(row.gflops * row.latencyMsP50 * 1e6 / (2 * row.macsExecuted) - 1) < 1e-9)
            #expect(abs(row.speedup * row.latencyMsP50 / plain.latencyMsP50 - 1) < 1e-9)
        }
    }

    @Test func timesTrainingSteps() throws {
        let folder = try TemporaryFolder()
        let json = folder.file("training.json")
        let outcome = try run(
            ["--training", "--models", "cifar-8", "--batch", "4", "--quick", "--seconds", "0.1", "--json", json],
            in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let rows = try JSONDecoder().decode(
            [TrainingResult].self, from: Data(contentsOf: URL(fileURLWithPath: json)))
        #expect(rows.map(\.architecture) == ["resnet-cifar-8", "convnet-aig-cifar-8"])
        for row in rows {
            #expect(row.peer == nil && row.repeats >= 3 && row.ourMsP50 > 0)
            #expect(abs(row.epochSeconds - row.ourMsP50 * 12.5) < 1e-6 * row.epochSeconds)
        }
        #expect(try run(["--training", "--rate", "0.5"], in: folder).status == 64)
    }

    @Test func mistakesAreUsageErrors() throws {
        let folder = try TemporaryFolder()
        let outcome = try run(["--models", "vgg-16"], in: folder)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("vgg-16"))
    }

    @Test func whatCannotBeWrittenIsToldBeforeMeasuring() throws {
        let folder = try TemporaryFolder()
        let outcome = try run(["--json", folder.path], in: folder)
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("Error: cannot write \(folder.path): it is a folder"))
    }
}
