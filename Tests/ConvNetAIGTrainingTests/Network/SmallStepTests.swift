import ConvNetAIG
import Testing

@testable import ConvNetAIGTraining

/// A step of networks so small that a simulator which checks every memory access has time for all their kernels.
@Suite struct SmallStepTests {
    private static func architecture(_ kind: Architecture.BlockKind) throws -> Architecture {
        try Architecture(
            name: "small", input: .init(height: 9, width: 7),
            stem: .init(channels: 5, kernel: 3, maxPooling: kind == .bottleneck),
            stages: [.init(width: 5, blocks: 2), .init(width: 6, blocks: 1, stride: 2)], blockKind: kind,
            shortcut: kind == .basic ? .zeroPadded : .projection, gateHidden: 4, ungatedBlocks: [0], classes: 3)
    }

    @Test(arguments: [Architecture.BlockKind.basic, .bottleneck], TestTrainingBackends.others)
    func smallTrainingStep(_ kind: Architecture.BlockKind, _ backend: TestTrainingBackend) throws {
        let weights = Weights.initial(for: try Self.architecture(kind), seed: 3)
        let expected = try Self.step(weights, ReferenceTrainingBackend())
        let found = try Self.step(weights, backend.make())
        #expect(Set(found.keys) == Set(expected.keys))
        for (name, expected) in expected.sorted(by: { $0.key < $1.key }) {
            let cancels = name == "gradient layer1.1.fc1.bias" || name == "gradient layer2.0.fc1.bias"
            expectClose(found[name] ?? [], expected, name, tolerance: 1e-3, smallest: cancels ? 1e-5 : 1e-6)
        }
    }

    /// With none of the noise, a step is one whose gates decide by their logits alone.
    @Test(arguments: TestTrainingBackends.all)
    func stepWithoutNoise(_ backend: TestTrainingBackend) throws {
        let weights = Weights.random(for: try Self.architecture(.basic), seed: 3)
        func result(_ backend: some TrainingBackend, noise factor: Float, own: [[Float]]? = nil) throws -> StepResult {
            let network = try TrainingNetwork(weights: weights, backend: backend, batch: 16)
            let batch = Batch(
                images: TestValues.uniform(16 * weights.architecture.input.count, seed: 1),
                labels: (0..<16).map { $0 % 3 })
            var settings = Self.settings
            settings.teacherWeight = 0
            settings.gateNoise = factor
            return try own.map { try network.step(batch, settings, noise: $0) } ?? network.step(batch, settings)
        }
        let silence = [[Float]](repeating: [Float](repeating: 0, count: 32), count: 2)
        let expected = try result(backend.make(), noise: 1, own: silence)
        #expect(try result(backend.make(), noise: 0) == expected)
        #expect(try result(backend.make(), noise: 1) != expected)
    }

    private static let settings: StepSettings = {
        let group = StepSettings.Group(learningRate: 0.1, weightDecay: 1e-3)
        return StepSettings(
            weights: group, normalization: group, gates: group, nesterov: true, clipNorm: 1, labelSmoothing: 0.1,
            teacherWeight: 0.5, teacherTemperature: 2, targetRateWeight: 1, targetRates: [0.5, 0.4], averageDecay: 0.9)
    }()

    /// Gradients of the images, through the gates' decisions too, and a step along them.
    @Test(arguments: [Architecture.BlockKind.basic, .bottleneck], TestTrainingBackends.others)
    func smallAttack(_ kind: Architecture.BlockKind, _ backend: TestTrainingBackend) throws {
        let weights = Weights.random(for: try Self.architecture(kind), seed: 3)
        let images = try Tensor(
            shape: [3, 3, 9, 7], values: TestValues.uniform(3 * weights.architecture.input.count, seed: 1))
        func attack(_ backend: some TrainingBackend) throws -> (gradient: Tensor, attacked: Tensor) {
            let attacker = Attacker(
                try TrainingNetwork(weights: weights, backend: backend, batch: 4, purpose: .attack),
                normalization: ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]))
            return (
                try attacker.gradient(of: images, labels: [2, 0, 1], gateGradient: .straightThrough).gradient,
                try attacker.attack(.fgsm(epsilon: 0.1), images, labels: [2, 0, 1])
            )
        }
        let (expected, found) = (try attack(ReferenceTrainingBackend()), try attack(backend.make()))
        expectClose(found.gradient.values, expected.gradient.values, "gradient", tolerance: 1e-3)
        let differing = zip(found.attacked.values, expected.attacked.values).count { abs($0 - $1) > 1e-5 }
        #expect(differing <= expected.attacked.values.count / 100)
    }

    private static func step(_ weights: Weights, _ backend: some TrainingBackend) throws -> [String: [Float]] {
        let images = 3
        let network = try TrainingNetwork(weights: weights, backend: backend, batch: images + 1)
        let batch = Batch(
            images: TestValues.uniform(images * weights.architecture.input.count, seed: 1), labels: [2, 0, 1],
            teacherLogits: TestValues.uniform(images * 3, seed: 2).map { 3 * $0 })
        let result = try network.step(batch, Self.settings)
        var values = ["loss": [result.loss], "norm": [result.gradientNorm], "rates": result.executionRates]
        for (name, tensor) in try network.gradients() { values["gradient " + name] = tensor.values }
        let state = try network.state()
        for (name, tensor) in state.weights { values[name] = tensor.values }
        for (name, tensor) in state.average { values["average " + name] = tensor.values }
        return values
    }
}
