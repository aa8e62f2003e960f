import ConvNetAIG
import TestSupport
import Testing

@testable import ConvNetAIGTraining

/// FGSM on a ConvNet-AIG of depth 8, against an independent statement in PyTorch.
@Suite struct AttackFixtureTests {
    /// The fixture's pictures are not normalised, and white is 1.
    static let normalization: (mean: [Float], std: [Float]) = ([0, 0, 0], [1, 1, 1])
    static let epsilon: Float = 8 / 255

    @Test(arguments: TestTrainingBackends.all)
    func gradientAndPicturesEqualPyTorch(_ backend: TestTrainingBackend) throws {
        let fixture = try Fixture()
        let attacker = try Self.attacker(fixture, backend.make())
        let found = try attacker.gradient(of: fixture.input, labels: fixture.labels)
        expectClose(found.logits.values, fixture.logits, "logits")
        expectClose(found.gradient.values, fixture.gradient, "input_grad")

        let attacked = try attacker.attack(.fgsm(epsilon: Self.epsilon), fixture.input, labels: fixture.labels)
        // The sign of a gradient that is nothing but rounding may be either.
        let largest = fixture.gradient.lazy.map(abs).max() ?? 0
        let sure = fixture.gradient.indices.filter { abs(fixture.gradient[$0]) > 1e-4 * largest }
        #expect(sure.count > fixture.gradient.count * 9 / 10)
        for index in sure where abs(attacked.values[index] - fixture.adversarial[index]) > 1e-6 {
            Issue.record("value \(index) is \(attacked.values[index]), not \(fixture.adversarial[index])")
        }
    }

    /// What is differentiated through the decisions of the gates, straight through.
    @Test(arguments: TestTrainingBackends.all)
    func gradientThroughGatesEqualsPyTorch(_ backend: TestTrainingBackend) throws {
        let fixture = try Fixture()
        let file = try SafetensorsFile(path: Fixtures.path("fgsm-straight-through.safetensors"))
        let found = try Self.attacker(fixture, backend.make()).gradient(
            of: fixture.input, labels: fixture.labels, gateGradient: .straightThrough)
        let expected = try file.floats("input_grad")
        expectClose(found.gradient.values, expected, "input_grad")
        // The two gradients are not the same.
        #expect(zip(expected, fixture.gradient).contains { abs($0 - $1) > 1e-4 })
    }

    private static func attacker(_ fixture: Fixture, _ backend: some TrainingBackend) throws -> Attacker {
        Attacker(
            try TrainingNetwork(weights: fixture.weights, backend: backend, batch: 7, purpose: .attack),
            normalization: normalization)
    }

    struct Fixture {
        let weights: Weights
        let input: Tensor
        let labels: [Int]
        let logits: [Float]
        let gradient: [Float]
        let adversarial: [Float]

        init() throws {
            let file = try SafetensorsFile(path: Fixtures.path("fgsm.safetensors"))
            weights = try Weights(
                file: file, prefix: "weights.", architecture: Architecture(named: "convnet-aig-cifar-8"))
            input = try file.tensor("input")
            labels = try file.withUnsafeBytes("labels") { bytes in
                stride(from: 0, to: bytes.count, by: 4).map {
                    Int(bytes.loadUnaligned(fromByteOffset: $0, as: Int32.self))
                }
            }
            logits = try file.floats("logits")
            gradient = try file.floats("input_grad")
            adversarial = try file.floats("adversarial")
        }
    }
}
