import ConvNetAIG
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConvertTests {
    private let folder: TemporaryFolder
    private static let architecture = Fixtures.path("checkpoints/tiny.json")

    init() throws { folder = try TemporaryFolder() }

    private func convert(_ name: String, _ arguments: String...) async throws -> AIGProcess.Outcome {
        try await AIGProcess.run(
            [
                "convert", Fixtures.path("checkpoints/\(name)"), folder.file("out.safetensors"), "--architecture",
                Self.architecture,
            ] + arguments)
    }

    @Test func everythingIsSaid() async throws {
        let outcome = try await convert(
            "tiny-checkpoint.pth.tar", "--classes", "cat, dog,cow,hen,ant", "--mean", "0.5,0.25,0", "--std", "1,0.5,2")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("tiny") && outcome.errors.isEmpty)
        // Nothing else has to be told.
        let weights = try Weights(path: folder.file("out.safetensors"))
        #expect(weights.architecture == (try Architecture.load(Self.architecture)))
        #expect(weights.classNames == ["cat", "dog", "cow", "hen", "ant"])
        #expect(weights.normalization?.mean == [0.5, 0.25, 0] && weights.normalization?.std == [1, 0.5, 2])
        let original = try SafetensorsFile(path: Fixtures.path("checkpoints/tiny-f32.safetensors"))
        for name in weights.names { #expect(try weights.floats(name) == original.floats(name), "\(name)") }
    }

    @Test func whatIsInTheFileIsKept() async throws {
        let outcome = try await convert("tiny-normalized.pth")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("0.mean"))
        #expect(try Weights(path: folder.file("out.safetensors")).normalization?.std == [0.5, 1, 0.25])
    }

    @Test func halvesAreWidened() async throws {
        #expect(try await convert("tiny-f16.safetensors").status == 0)
        let file = try SafetensorsFile(path: folder.file("out.safetensors"))
        #expect(file.names.allSatisfy { file.info($0)?.dtype == .float32 })
    }

    @Test func keyAndFileOfClasses() async throws {
        let names = try folder.file("names.txt", Array("tench, Tinca tinca\n\n  goldfish \r\nc\nd\ne\n".utf8))
        let outcome = try await convert("tiny-ema.pth", "--key", "model", "--classes", names)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        let weights = try Weights(path: folder.file("out.safetensors"))
        #expect(weights.classNames == ["tench, Tinca tinca", "goldfish", "c", "d", "e"])
        let original = try SafetensorsFile(path: Fixtures.path("checkpoints/tiny-f32.safetensors"))
        #expect(try weights.floats("conv1.weight") == original.floats("conv1.weight"))
        let json = try folder.file("names.json", Array(#"["a,b","c","d","e","f"]"#.utf8))
        #expect(try await convert("tiny-ema.pth", "--classes", json).status == 0)
        #expect(try Weights(path: folder.file("out.safetensors")).classNames?.first == "a,b")
    }

    @Test(arguments: [
        ("tiny-zip.pth", ["--classes", "a,b"], 1, "tells apart 5 classes"),
        ("tiny-zip.pth", ["--classes", "a,b,,d,e"], 1, "empty name"),
        ("tiny-zip.pth", ["--mean", "1,1,1"], 64, "--mean and --std"),
        ("tiny-zip.pth", ["--mean", "1,1,x", "--std", "1,1,1"], 64, "--mean"),
        ("tiny-zip.pth", ["--mean", "1,1,1", "--std", "1,1,0"], 64, "positive"),
        ("tiny-zip.pth", ["--mean", "1,1", "--std", "1,1"], 1, "3 numbers"),
        ("tiny-zip.pth", ["--key", "ema"], 1, "no weights under the key"),
        ("tiny-whole-model.pth", [], 1, "nothing of it was run"),
        ("values-4.pickle", [], 1, "Missing"),
        ("none.pth", [], 1, "no such file"),
    ])
    func failures(_ name: String, _ arguments: [String], _ status: Int, _ mentions: String) async throws {
        let outcome = try await AIGProcess.run(
            [
                "convert", Fixtures.path("checkpoints/\(name)"), folder.file("out.safetensors"), "--architecture",
                Self.architecture,
            ] + arguments)
        #expect(outcome.status == Int32(status), "\(outcome.errors)")
        #expect(outcome.errors.contains(mentions), "\(outcome.errors)")
        #expect(try folder.contents.isEmpty)
    }

    @Test func architecturesAreTold() async throws {
        let network = try Architecture(named: "resnet-cifar-8", classes: 3)
        let random = Weights.random(for: network, seed: 1)
        let bare = folder.file("bare.safetensors")
        try Safetensors.write(tensors: random.names.map { ("module." + $0, try random.tensor($0)) }, to: bare)
        for arguments in [[], ["--architecture", "resnet-cifar-8"]] {
            let outcome = try await AIGProcess.run(["convert", bare, folder.file("out")] + arguments)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try Weights(path: folder.file("out")).architecture == network)
        }
        let unknown = try await AIGProcess.run(
            "convert", Fixtures.path("checkpoints/tiny-zip.pth"), folder.file("other"))
        #expect(unknown.status == 1 && unknown.errors.contains("Pass --architecture"))
        // The input is never written over.
        let same = try await AIGProcess.run("convert", bare, bare)
        #expect(same.status == 1 && same.errors.contains("same file"))
    }
}
