import Operators

/// Images and their labels, ready for a training step.
public struct Batch: Sendable, Hashable {
    /// Normalised images, one after the other: count x channels x height x width.
    public var images: [Float]
    /// The right class of each image: an index into the logits.
    public var labels: [Int32]
    /// Logits of the network that distillation learns from, count x classes; nil without distillation.
    public var teacherLogits: [Float]?

    /// A batch, whose counts are checked when a network steps on it.
    public init(images: [Float], labels: [Int32], teacherLogits: [Float]? = nil) {
        self.images = images
        self.labels = labels
        self.teacherLogits = teacherLogits
    }

    /// Number of images.
    public var count: Int { labels.count }
}

/// Settings of a training step beside its images: the loss, the gates' noise and the optimizer, all of which a schedule may
/// change from step to step.
public struct StepSettings: Sendable, Hashable, Codable {
    /// Learning rate and weight decay of one `ParameterGroup`.
    public typealias Group = OptimizerSettings.Group

    /// For convolutions and the classifier's matrix.
    public var weights: Group
    /// For batch norm's scale and shift, and the classifier's bias.
    public var normalization: Group
    /// For all parameters of the gates.
    public var gates: Group
    /// Share of the velocity that stays: v = momentum v + gradient; parameter -= learning rate v (as PyTorch's SGD, without
    /// dampening).
    public var momentum: Float
    /// Whether Nesterov's form is used: parameter -= learning rate (gradient + momentum v).
    public var nesterov: Bool
    /// Largest L2 norm of all gradients together, to which larger ones are scaled down; nil scales none.
    public var clipNorm: Float?
    /// Share of the label that is spread evenly over all classes (Szegedy et al. 2016).
    public var labelSmoothing: Float
    /// Weight of the distance from the teacher's probabilities, see `LossTargets`; 0 for no distillation.
    public var teacherWeight: Float
    /// Temperature of the softmax over the teacher's logits and the network's own.
    public var teacherTemperature: Float
    /// Temperature of the Gumbel-softmax.
    public var temperature: Float
    /// Factor of the gates' Gumbel noise: 1 samples, 0 decides as `argmax` does.
    public var gateNoise: Float
    /// Weight of the target-rate loss, lambda.
    public var targetRateWeight: Float
    /// Share of images that should run each gated block, in the order of `Architecture.gatedBlocks`. Blocks with a target of
    /// 1 are left out of the loss.
    public var targetRates: [Float]
    /// Share of the images for which the last block's branch is dropped; earlier blocks drop fewer, in proportion to their
    /// depth (stochastic depth, arXiv 1603.09382). 0 drops none. For networks without gates.
    public var stochasticDepth: Float
    /// Decay of the parameters' moving average, average = decay average + (1 - decay) parameter after the step; nil keeps no
    /// average.
    public var averageDecay: Float?
    /// Seed, together with `step`, of the gates' noise and of the branches to drop.
    public var seed: UInt64
    /// Number of the step in the training run, from 0.
    public var step: Int

    /// Settings of a step, which are checked when a network takes it.
    public init(
        weights: Group, normalization: Group, gates: Group, momentum: Float = 0.9, nesterov: Bool = false,
        clipNorm: Float? = nil, labelSmoothing: Float = 0, teacherWeight: Float = 0, teacherTemperature: Float = 1,
        temperature: Float = 1, gateNoise: Float = 1,
        targetRateWeight: Float = 0, targetRates: [Float] = [], stochasticDepth: Float = 0, averageDecay: Float? = nil,
        seed: UInt64 = 0, step: Int = 0
    ) {
        self.weights = weights
        self.normalization = normalization
        self.gates = gates
        self.momentum = momentum
        self.nesterov = nesterov
        self.clipNorm = clipNorm
        self.labelSmoothing = labelSmoothing
        self.teacherWeight = teacherWeight
        self.teacherTemperature = teacherTemperature
        self.temperature = temperature
        self.gateNoise = gateNoise
        self.targetRateWeight = targetRateWeight
        self.targetRates = targetRates
        self.stochasticDepth = stochasticDepth
        self.averageDecay = averageDecay
        self.seed = seed
        self.step = step
    }

    /// The settings of a group.
    public subscript(group: ParameterGroup) -> Group {
        switch group {
        case .weights: weights
        case .normalization: normalization
        case .gates: gates
        }
    }

    /// The optimizer's part of the settings.
    var optimizer: OptimizerSettings {
        OptimizerSettings(
            groups: [.weights: weights, .normalization: normalization, .gates: gates], momentum: momentum,
            nesterov: nesterov, clipNorm: clipNorm, averageDecay: averageDecay)
    }
}

/// Losses and counts of a training step.
public struct StepResult: Sendable, Hashable {
    /// Cross-entropy, with label smoothing and distillation if there are any, see `LossTargets`: the mean over the batch.
    public var crossEntropy: Float
    /// Mean over the gated blocks of (target - executed share of the batch)^2, without its weight.
    public var targetRateLoss: Float
    /// The loss that was minimised: cross-entropy + weight x target-rate loss.
    public var loss: Float
    /// Number of images whose likeliest class was the right one.
    public var correct: Int
    /// Number of images of the batch.
    public var count: Int
    /// Share of the batch that ran each gated block, in the order of `Architecture.gatedBlocks`.
    public var executionRates: [Float]
    /// L2 norm of all gradients, before clipping.
    public var gradientNorm: Float

    /// The result of a step.
    public init(
        crossEntropy: Float, targetRateLoss: Float, loss: Float, correct: Int, count: Int, executionRates: [Float],
        gradientNorm: Float
    ) {
        self.crossEntropy = crossEntropy
        self.targetRateLoss = targetRateLoss
        self.loss = loss
        self.correct = correct
        self.count = count
        self.executionRates = executionRates
        self.gradientNorm = gradientNorm
    }
}

/// Why a training step cannot be taken.
public enum TrainingStepError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The batch is empty, or larger than the network was made for.
    case batchSize(found: Int, max: Int)
    /// The images do not have as many values as the labels and the input's shape ask for.
    case imageCount(found: Int, expected: Int)
    /// A label is no class of the network.
    case label(found: Int, classes: Int)
    /// The target rates are not one per gated block.
    case targetRates(found: Int, gates: Int)
    /// The noise is not two values per gate and image.
    case noise(gates: Int, images: Int)
    /// The teacher's logits are not one per image and class.
    case teacherLogits(found: Int, expected: Int)
    /// Branches are to be dropped in a network whose gates decide on them.
    case stochasticDepth(gates: Int)
    /// The share of dropped branches is not in 0..<1.
    case dropRate(Float)

    /// The reason, and what to do.
    public var description: String {
        switch self {
        case .batchSize(let found, let max):
            "a step takes 1 to \(max) pictures, but was given \(found); make the network for a larger batch"
        case .imageCount(let found, let expected):
            "the pictures of a batch have \(found) values, but \(expected) are expected: as many labels, each channels x "
                + "height x width of the architecture's input"
        case .label(let found, let classes):
            "a picture has label \(found), but the network's classes are 0 to \(classes - 1)"
        case .noise(let gates, let images):
            "noise is needed for \(gates) gates, two values for each of \(images) pictures"
        case .teacherLogits(let found, let expected):
            "distillation needs the teacher's \(expected) logits of the batch, one for each picture and class, but there are "
                + "\(found)"
        case .stochasticDepth(let gates):
            "stochastic depth is for networks without gates, but \(gates) blocks have one, which decides when they run"
        case .dropRate(let rate):
            "stochastic depth leaves out \(rate) of the last block's branches; give a share from 0 to below 1"
        case .targetRates(let found, let gates):
            "there are \(found) target rates, but \(gates) gated blocks"
        }
    }
}
