import ConvNetAIG
import ConvNetAIGModels
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct RunTests {
    /// Logits may be off by this much of the largest logit.
    static let tolerance: Float = 1e-4

    @Test(arguments: Fixtures.backends, Scheduling.allCases)
    func outputEqualsPyTorch(_ backend: String, _ schedule: Scheduling) async throws {
        let fixture = try NetworkFixture()
        // Six images in batches of four: the last is not full.
        let outcome = try await AIGProcess.run(
            "run", "--architecture", "convnet-aig-cifar-8", "--weights", fixture.bareWeights, "--input",
            fixture.input,
            "--output", fixture.output, "--backend", backend, "--schedule", schedule.rawValue, "--batch", "4")
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output.contains("6 images through convnet-aig-cifar-8"))
        #expect(outcome.output.contains("memory ") && outcome.output.contains("; planned for 4 images\n"))
        try Self.expectOutput(of: fixture)
    }

    @Test(arguments: Fixtures.backends)
    func architectureMayBeJSON(_ backend: String) async throws {
        let json = Fixtures.path("aig-bottleneck-mini.json")
        let fixture = try NetworkFixture("aig-bottleneck-mini", architecture: json)
        // Once told the architecture, once reading it in the metadata.
        for arguments in [
            ["--architecture", json, "--weights", fixture.bareWeights], ["--weights", fixture.weights],
        ] {
            let outcome = try await AIGProcess.run(
                ["run", "--input", fixture.input, "--output", fixture.output, "--backend", backend]
                    + arguments)
            #expect(outcome.status == 0, "\(outcome.errors)")
            try Self.expectOutput(of: fixture)
        }
    }

    @Test(arguments: Fixtures.backends)
    func plainNetworkHasEmptyGates(_ backend: String) async throws {
        let fixture = try NetworkFixture("resnet-cifar-8", architecture: "resnet-cifar-8")
        let outcome = try await AIGProcess.run(
            "run", "--weights", fixture.weights, "--input", fixture.input, "--output", fixture.output,
            "--backend",
            backend)
        #expect(outcome.status == 0, "\(outcome.errors)")
        try Self.expectOutput(of: fixture)
        let output = try SafetensorsFile(path: fixture.output)
        #expect(output.info("gates")?.shape == [6, 0])
        #expect(output.info("gate_probabilities")?.shape == [6, 0])
    }

    @Test func existingOutputIsReplaced() async throws {
        let fixture = try NetworkFixture()
        _ = try fixture.folder.file("output.safetensors", [1, 2, 3])
        let before = try fixture.folder.contents
        let outcome = try await AIGProcess.run(
            "run", "--weights", fixture.weights, "--input", fixture.input, "--output", fixture.output,
            "--backend",
            "reference")
        #expect(outcome.status == 0)
        try Self.expectOutput(of: fixture)
        #expect(try fixture.folder.contents == before)
    }

    @Test(arguments: ["always", "mask:010", "threshold:0.9", "sample:5", "rate:0.5:9", "rate:1,0,0.5"])
    func policiesAreTheLibrarys(_ policy: String) async throws {
        let fixture = try NetworkFixture()
        let outcome = try await AIGProcess.run(
            "run", "--weights", fixture.weights, "--input", fixture.input, "--output", fixture.output,
            "--backend",
            "reference", "--batch", "5", "--policy", policy)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let session = try Session(weights: Weights(path: fixture.weights), backend: .reference, batch: 6)
        let expected = try session.run(
            try fixture.file.tensor("input"), policy: try GatePolicy(parsing: policy))
        let output = try SafetensorsFile(path: fixture.output)
        #expect(try output.tensor("gates") == expected.gates)
        #expect(try output.tensor("gate_probabilities") == expected.gateProbabilities)
        #expect(try output.tensor("logits") == expected.logits)
        #expect(output.metadata["policy"] == policy || policy == "rate:1,0,0.5")
    }

    @Test func networkIsTakenAtTheImagesSize() async throws {
        let fixture = try NetworkFixture()
        let input = try fixture.tensorFile(shape: [3, 3, 20, 44])
        for arguments in [["--weights", fixture.weights], ["--weights", "random:3"]] {
            let outcome = try await AIGProcess.run(
                ["run", "--input", input, "--output", fixture.output, "--backend", "reference"] + arguments
                    + (arguments[1].hasPrefix("random") ? ["--architecture", "convnet-aig-cifar-8"] : []))
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try SafetensorsFile(path: fixture.output).info("logits")?.shape == [3, 10])
        }
        let architecture = try Architecture(
            named: "convnet-aig-cifar-8", input: .init(channels: 3, height: 20, width: 44))
        let session = try Session(weights: .random(for: architecture, seed: 3), backend: .reference, batch: 3)
        let expected = try session.run(try SafetensorsFile(path: input).tensor("input"))
        #expect(try SafetensorsFile(path: fixture.output).tensor("logits") == expected.logits)
    }

    @Test(arguments: [EmbeddedModel.convNetAIGCIFAR20, .resNetCIFAR20])
    func embeddedModels(_ model: EmbeddedModel) async throws {
        let fixture = try NetworkFixture()
        for (height, width) in [(32, 32), (20, 44)] {
            let input = try fixture.tensorFile(shape: [3, 3, height, width])
            let outcome = try await AIGProcess.run(
                ["run", "--input", input, "--output", fixture.output, "--backend", "reference"]
                    + (model == .standard ? [] : ["--architecture", model.rawValue]))
            #expect(outcome.status == 0, "\(outcome.errors)")
            let weights = try model.weights()
            let own = weights.architecture
            let architecture = try Architecture(
                name: own.name, input: .init(channels: 3, height: height, width: width), stem: own.stem,
                stages: own.stages, blockKind: own.blockKind, shortcut: own.shortcut, gateHidden: own.gateHidden,
                ungatedBlocks: own.ungatedBlocks, classes: own.classes)
            let session = try Session(
                weights: Weights(architecture: architecture, tensors: weights.tensors()), backend: .reference, batch: 3)
            let expected = try session.run(try SafetensorsFile(path: input).tensor("input"))
            #expect(try SafetensorsFile(path: fixture.output).tensor("logits") == expected.logits)
        }
        let none = try await AIGProcess.run(
            "run", "--architecture", "resnet-50", "--input", fixture.input, "--output", fixture.output)
        #expect(none.status == 64 && none.errors.contains("pass --weights"))
    }

    @Test func classesOfAnUntrainedNetworkCanBeChosen() async throws {
        let fixture = try NetworkFixture()
        let outcome = try await AIGProcess.run(
            "run", "--architecture", "convnet-aig-cifar-8", "--classes", "7", "--weights", "random:1",
            "--input",
            fixture.input, "--output", fixture.output, "--backend", "reference")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try SafetensorsFile(path: fixture.output).info("logits")?.shape == [6, 7])
    }

    /// Compares the output file with what the fixture expects.
    private static func expectOutput(of fixture: NetworkFixture) throws {
        let output = try SafetensorsFile(path: fixture.output)
        #expect(Set(output.names) == ["logits", "gates", "gate_probabilities"])
        let (logits, expected) = (try output.tensor("logits"), try fixture.file.tensor("expected.logits"))
        #expect(logits.shape == expected.shape)
        let largest = try #require(expected.values.map(abs).max())
        let error = zip(logits.values, expected.values).map { abs($0 - $1) }.max() ?? .infinity
        #expect(error <= tolerance * largest)
        guard fixture.file.names.contains("expected.gates") else { return }
        #expect(try output.tensor("gates") == fixture.file.tensor("expected.gates"))
        let gateLogits = try fixture.file.floats("expected.gate_logits")
        let probabilities = try output.tensor("gate_probabilities")
        #expect(probabilities.shape == fixture.file.info("expected.gates")?.shape)
        for (index, probability) in probabilities.values.enumerated() {
            let expected = softmax(gateLogits[2 * index], gateLogits[2 * index + 1])
            #expect(abs(probability - expected) < 1e-4)
        }
    }
}
