import ConvNetAIG
import TestSupport
import Testing

@testable import ConvNetAIGTraining

/// FGSM on a ConvNet-AIG of depth 8, against an independent statement in PyTorch.
@Suite struct AttackFixtureTests {
    /// The fixture's images are not normalised, and white is 1.
    static let normalization: (mean: [Float], std: [Float]) = ([0, 0, 0], [1, 1, 1])
    static let epsilon: Float = 8 / 255

    @Test(arguments: TestTrainingBackends.all)
    func gradientAndImagesEqualPyTorch(_ backend: TestTrainingBackend) throws {
        let fixture = try Fixture()
        let attacker = try Self.attacker(fixture, backend.make())
        let found = try attacker.gradient(of: fixture.input, labels: fixture.labels)
        expectClose(found.logits.values, fixture.logits, "logits")
        expectClose(found.gradient.values, fixture.gradient, "input_grad")

        let attacked = try attacker.attack(.fgsm(epsilon: Self.epsilon), fixture.input, labels: fixture.labels)
        // The fixture's images may be blacker than black; an attack's are not.
        let expected = fixture.adversarial.map { min(max($0, 0), 1) }
        let imageCount = expected.count / fixture.labels.count
        var sure = 0
        for start in stride(from: 0, to: expected.count, by: imageCount) {
            let image = start..<start + imageCount
            // The sign of a gradient that is nothing but rounding may be either.
            let least = 1e-4 * (fixture.gradient[image].lazy.map(abs).max() ?? 0)
            for index in image where abs(fixture.gradient[index]) > least {
                sure += 1
                if abs(attacked.values[index] - expected[index]) > 1e-6 {
                    Issue.record("value \(index) is \(attacked.values[index]), not \(expected[index])")
                }
            }
        }
        // Closed blocks leave strided shortcuts, which do not look at every pixel.
        #expect(sure > fixture.gradient.count { $0 != 0 } * 99 / 100)
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
