import ConvNetAIG
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct InspectTests {
    private struct Report: Decodable {
        struct Tensor: Decodable {
            let name: String
            let dtype: String
            let shape: [Int]
        }

        struct CostSummary: Decodable {
            let macs: Int
            let parameters: Int
        }

        let file: String
        let metadata: [String: String]
        let tensors: [Tensor]
        let values: Int
        let parameters: Int
        let architecture: String?
        let resembles: String?
        let fits: Bool?
        let problem: String?
        let cost: CostSummary?
    }

    @Test func weightsThatFit() async throws {
        let fixture = try NetworkFixture()
        let outcome = try await AIGProcess.run("inspect", fixture.weights, "--json")
        #expect(outcome.status == 0)
        let report = try outcome.decoded(Report.self)
        let architecture = try Architecture(named: "convnet-aig-cifar-8")
        #expect(report.file == fixture.weights)
        #expect(report.metadata == ["architecture": "convnet-aig-cifar-8"])
        #expect(report.tensors.count == Weights.layout(of: architecture).count)
        #expect(report.tensors.first { $0.name == "conv1.weight" }?.shape == [16, 3, 3, 3])
        #expect(report.tensors.allSatisfy { $0.dtype == "F32" })
        #expect(report.parameters == architecture.cost.parameters)
        #expect(report.values == Weights.layout(of: architecture).reduce(0) { $0 + $1.shape.reduce(1, *) })
        #expect(report.architecture == "convnet-aig-cifar-8")
        #expect(report.fits == true)
        #expect(report.cost?.macs == architecture.cost.macs)
        #expect(report.problem == nil)

        let text = try await AIGProcess.run("inspect", fixture.weights)
        #expect(text.status == 0)
        for fragment in ["conv1.weight", "16 x 3 x 3 x 3", "fit the architecture", "79,312", "12,502,752"] {
            #expect(text.output.contains(fragment))
        }
    }

    @Test func weightsThatDoNotSay() async throws {
        let fixture = try NetworkFixture()
        // All tensors are those of a known network.
        let told = try await AIGProcess.run("inspect", fixture.bareWeights, "--json")
        #expect(told.status == 0)
        #expect(try told.decoded(Report.self).fits == true)
        #expect(try told.decoded(Report.self).architecture == "convnet-aig-cifar-8")
        // Without one of them they are not.
        let file = try SafetensorsFile(path: fixture.bareWeights)
        let other = fixture.folder.file("other.safetensors")
        try Safetensors.write(
            tensors: try file.names.filter { $0 != "linear.bias" }.map { ($0, try file.tensor($0)) }, to: other)
        let outcome = try await AIGProcess.run("inspect", other, "--json")
        #expect(outcome.status == 0)
        let report = try outcome.decoded(Report.self)
        #expect(report.architecture == nil)
        #expect(report.fits == nil)
        #expect(report.resembles == "convnet-aig-cifar-8")
        let text = try await AIGProcess.run("inspect", other)
        #expect(text.output.contains("--architecture convnet-aig-cifar-8"))
    }

    @Test func checkpointsOfPyTorch() async throws {
        let architecture = ["--architecture", Fixtures.path("checkpoints/tiny.json")]
        let path = Fixtures.path("checkpoints/tiny-ema.pth")
        let averaged = try await AIGProcess.run(["inspect", path] + architecture)
        #expect(averaged.status == 0)
        #expect(averaged.errors.hasPrefix("Warning: \(path): There are weights of several networks."))
        #expect(averaged.output.contains("model_ema.module.layer2.0.shortcut.1.bias"))
        let told = try await AIGProcess.run(["inspect", path, "--key", "model", "--json"] + architecture)
        #expect(told.errors.isEmpty)
        #expect(try told.decoded(Report.self).fits == true)
        let none = try await AIGProcess.run(["inspect", path, "--key", "nothing"] + architecture)
        #expect(none.status == 1)
        #expect(none.errors.contains("\"model\", \"model_ema.module\""))
    }

    @Test func weightsThatDoNotFit() async throws {
        let fixture = try NetworkFixture()
        for arguments in [[], ["--json"]] {
            let outcome = try await AIGProcess.run(
                ["inspect", fixture.weights, "--architecture", "convnet-aig-cifar-14"] + arguments)
            #expect(outcome.status == 1)
            #expect(outcome.errorCount == 1)
            #expect(outcome.errors.contains("do not fit convnet-aig-cifar-14"))
            guard !arguments.isEmpty else { continue }
            let report = try outcome.decoded(Report.self)
            #expect(report.fits == false)
            #expect(report.problem?.contains("Missing") == true)
            #expect(report.architecture == "convnet-aig-cifar-14")
        }
    }

    @Test func filesOfOtherThings() async throws {
        let path = Fixtures.path("preprocessed-camera.safetensors")
        let outcome = try await AIGProcess.run("inspect", path, "--json")
        #expect(outcome.status == 0)
        #expect(try outcome.decoded(Report.self).fits == nil)
    }

    @Test func damagedFiles() async throws {
        let fixture = try NetworkFixture()
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.weights)))
        for contents in [
            [], [1, 2, 3], Array(whole.prefix(100)), Array(whole.dropLast()), Array("hello, world".utf8),
        ] {
            let path = try fixture.folder.file("damaged", contents)
            for arguments in [[], ["--json"]] {
                let outcome = try await AIGProcess.run(["inspect", path] + arguments)
                #expect(outcome.status == 1)
                #expect(outcome.output.isEmpty)
                #expect(outcome.errorCount == 1)
                #expect(outcome.errors.contains("\(path) is not a valid safetensors file"))
            }
        }
        let missing = try await AIGProcess.run("inspect", fixture.folder.file("missing"))
        #expect(missing.status == 1)
        #expect(missing.errors.contains("no such file"))
    }

    @Test func namesCannotControlTheTerminal() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("evil.safetensors")
        try Safetensors.write(
            tensors: [("a\u{1B}[2Jb\nc", try Tensor(shape: [1]))], metadata: ["k\u{7}": "v\u{1B}"], to: path)
        let outcome = try await AIGProcess.run("inspect", path)
        #expect(outcome.status == 0)
        #expect(!outcome.output.contains("\u{1B}") && !outcome.output.contains("\u{7}"))
        #expect(outcome.output.contains(#"a\u{1B}[2Jb\nc"#))
    }
}
