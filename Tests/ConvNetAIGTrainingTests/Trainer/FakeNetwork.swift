import ConvNetAIG

@testable import ConvNetAIGTraining

/// A network that computes next to nothing, but whose state depends on every image, setting and step it is given.
final class FakeNetwork: TrainableNetwork {
    struct Crash: Error {}

    let architecture: Architecture
    let batch: Int
    private var weights: [String: Tensor]
    private var momentum: [String: Tensor] = [:]
    private var average: [String: Tensor] = [:]
    private var lastGradients: [String: Tensor] = [:]
    /// What it was told at each step.
    private(set) var settings: [StepSettings] = []

    /// The step, counted over the run, at which the process breaks off.
    var crashesAt: Int?
    /// The step at which the gradients of some tensors are NaN.
    var divergesAt: (step: Int, tensors: Set<String>)?
    /// The step after which a running statistic is infinite, though loss and gradients are not.
    var overflowsAt: Int?

    static func architecture(gated: Bool = true) throws -> Architecture {
        try Architecture(
            name: "tiny", input: .init(channels: 2, height: 4, width: 4), stem: .init(channels: 2, kernel: 3),
            stages: [.init(width: 2, blocks: 2), .init(width: 4, blocks: 1, stride: 2)], blockKind: .basic,
            gateHidden: gated ? 2 : nil, classes: 3)
    }

    init(_ architecture: Architecture, batch: Int = 4, seed: UInt64 = 7) throws {
        self.architecture = architecture
        self.batch = batch
        weights = try Weights.random(for: architecture, seed: seed).tensors()
    }

    func step(_ batch: Batch, _ settings: StepSettings) throws -> StepResult {
        if settings.step == crashesAt { throw Crash() }
        self.settings.append(settings)
        let image = batch.images.reduce(0, +) / Float(max(batch.images.count, 1))
        let noise = Philox4x32(seed: settings.seed)
        var norm: Float = 0
        lastGradients = [:]
        for (stream, entry) in Weights.layout(of: architecture).enumerated() {
            let name = entry.name
            guard let parameter = weights[name] else { continue }
            if name.contains("running_") {
                let isOverflown = settings.step == overflowsAt && name == "layer1.1.bn1.running_mean"
                weights[name] = try map(parameter) { _, value in
                    isOverflown ? .infinity : 0.9 * value + 0.1 * abs(image)
                }
                continue
            }
            let isDivergent = settings.step == divergesAt?.step && divergesAt?.tensors.contains(name) == true
            let group =
                name.contains(".fc") ? settings.gates : name.contains("bn") ? settings.normalization : settings.weights
            let gradient = try map(parameter) { index, value in
                let word = noise(counter: (UInt32(index), UInt32(stream), UInt32(settings.step), 1)).0
                let gradient = Philox4x32.uniform(word) - 0.5 + image + value * value
                return isDivergent ? .nan : gradient + group.weightDecay * value
            }
            lastGradients[name] = gradient
            norm += gradient.values.reduce(0) { $0 + $1 * $1 }
            let velocity = try map(gradient) { index, value in
                settings.momentum * (momentum[name]?.values[index] ?? 0) + value
            }
            let updated = try map(parameter) { index, value in value - group.learningRate * velocity.values[index] }
            guard !isDivergent else { continue }
            momentum[name] = velocity
            weights[name] = updated
            if let decay = settings.averageDecay {
                average[name] = try map(updated) { index, value in
                    decay * (average[name]?.values[index] ?? parameter.values[index]) + (1 - decay) * value
                }
            }
        }
        let loss = norm.squareRoot() / 10 + Float(batch.labels.reduce(0, +))
        return StepResult(
            crossEntropy: loss * 0.9, targetRateLoss: loss * 0.1, loss: loss,
            correct: batch.labels.count { $0 == 0 }, count: batch.count,
            executionRates: architecture.gatedBlocks.map { 1 / Float($0 + 2) }, gradientNorm: norm.squareRoot())
    }

    func state() -> TrainingState { TrainingState(weights: weights, momentum: momentum, average: average) }

    func restore(_ state: TrainingState) throws {
        for (name, shape) in Weights.layout(of: architecture) {
            guard let tensor = state.weights[name] else { throw TrainingStateError.missing(name: name) }
            guard tensor.shape == shape else {
                throw TrainingStateError.wrongShape(name: name, expected: shape, found: tensor.shape)
            }
        }
        (weights, momentum, average) = (state.weights, state.momentum, state.average)
    }

    func gradients() -> [String: Tensor] { lastGradients }

    private func map(_ tensor: Tensor, _ value: (Int, Float) -> Float) throws -> Tensor {
        try Tensor(shape: tensor.shape, values: tensor.values.enumerated().map(value))
    }
}
