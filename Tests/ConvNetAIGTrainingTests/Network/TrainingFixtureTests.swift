import ConvNetAIG
import TestSupport
import Testing

@testable import ConvNetAIGTraining

/// Two steps of training a ConvNet-AIG of depth 8, against an independent statement of the method in PyTorch.
@Suite struct TrainingFixtureTests {
    /// What the fixture was made with. The file does not say, but its numbers do: parameters before and after, and the
    /// gradient, give the optimizer's settings by least squares; the stored target-rate loss is lambda times the mean.
    static let group = StepSettings.Group(learningRate: 0.1, weightDecay: 5e-4)
    static let settings = StepSettings(
        weights: group, normalization: group, gates: group, momentum: 0.9, targetRateWeight: 2,
        targetRates: [0.6, 0.6, 0.6])

    @Test(arguments: TestTrainingBackends.all)
    func twoStepsEqualPyTorch(_ backend: TestTrainingBackend) throws {
        try Self.check(try backend.make())
    }

    private static func check<B: TrainingBackend>(_ backend: B) throws {
        let file = try SafetensorsFile(path: Fixtures.path("training-two-steps.safetensors"))
        let architecture = try Architecture(named: "convnet-aig-cifar-8")
        let weights = try Weights(file: file, prefix: "weights.", architecture: architecture)
        let network = try TrainingNetwork(weights: weights, backend: backend, batch: 8)
        for step in 0..<2 {
            let prefix = "step\(step)."
            let input = try file.tensor(prefix + "input")
            let noise = try file.floats(prefix + "gumbel")
            let labels = try labels(file, prefix + "labels")
            let perGate = 2 * labels.count
            let result = try network.step(
                Batch(images: input.values, labels: labels), settings,
                noise: network.gates.indices.map { Array(noise[$0 * perGate..<($0 + 1) * perGate]) })
            let outcome = try backend.result(network.classifier, gates: network.gates)

            expectClose(outcome.logits, try file.floats(prefix + "logits"), prefix + "logits")
            expectClose([result.crossEntropy], try file.floats(prefix + "cross_entropy"), prefix + "cross_entropy")
            expectClose(
                [settings.targetRateWeight * result.targetRateLoss], try file.floats(prefix + "target_rate_loss"),
                prefix + "target_rate_loss")
            let gates = try file.floats(prefix + "gates")
            for (gate, decisions) in outcome.decisions.enumerated() {
                let expected = labels.indices.map { gates[$0 * network.gates.count + gate] == 1 }
                #expect(decisions == expected, "\(prefix)gates, gate \(gate)")
            }
            let gradients = try network.gradients()
            let state = try network.state()
            for entry in network.layout.parameters {
                let expected = try file.floats(prefix + "grad." + entry.name)
                // Batch norm takes away what a bias before it adds, so that its gradient is 0, but for rounding: PyTorch's is
                // 2e-6 at most.
                let smallest = entry.name.hasSuffix("fc1.bias") ? 1e-5 : 0
                expectClose(
                    gradients[entry.name]?.values ?? [], expected, prefix + "grad." + entry.name, smallest: smallest)
            }
            for entry in network.layout.parameters + network.layout.statistics {
                expectClose(
                    state.weights[entry.name]?.values ?? [], try file.floats(prefix + "after." + entry.name),
                    prefix + "after." + entry.name)
            }
        }
    }

    private static func labels(_ file: SafetensorsFile, _ name: String) throws -> [Int32] {
        try file.withUnsafeBytes(name) { bytes in
            stride(from: 0, to: bytes.count, by: 4).map { bytes.loadUnaligned(fromByteOffset: $0, as: Int32.self) }
        }
    }
}
