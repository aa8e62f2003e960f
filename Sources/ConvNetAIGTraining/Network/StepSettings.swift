import Operators

/// What a training step needs to know beside its images: the loss, the gates' noise and the optimizer's numbers, which a
/// schedule may change from step to step.
public struct StepSettings: Sendable, Hashable, Codable {
    /// How the parameters of one ``ParameterGroup`` are updated.
    public typealias Group = OptimizerSettings.Group

    /// Convolutions and the classifier's matrix.
    public var weights: Group
    /// Batch norm's scale and shift, and the classifier's bias.
    public var normalization: Group
    /// Everything of the gates.
    public var gates: Group
    /// v = momentum v + gradient; parameter -= learning rate v (as PyTorch's SGD, without dampening).
    public var momentum: Float
    /// parameter -= learning rate (gradient + momentum v) instead.
    public var nesterov: Bool
    /// Gradients are scaled down together so that their L2 norm is at most this; nil leaves them.
    public var clipNorm: Float?
    /// Share of the label that is spread evenly over all classes (Szegedy et al. 2016).
    public var labelSmoothing: Float
    /// Weight of the distance from the teacher's probabilities, see ``LossTargets``; 0 for no distillation.
    public var teacherWeight: Float
    public var teacherTemperature: Float
    /// Temperature of the Gumbel-softmax.
    public var temperature: Float
    /// Factor of the gates' Gumbel noise: 1 samples, 0 decides as `argmax` does.
    public var gateNoise: Float
    /// Weight of the target-rate loss, lambda.
    public var targetRateWeight: Float
    /// The share of images that should run each gated block, in the order of `Architecture.gatedBlocks`. Blocks with a
    /// target of 1 are left out of the loss.
    public var targetRates: [Float]
    /// Share of the images that the last block's branch is left out for, see ``StochasticDepth``; 0 leaves out none. For
    /// networks without gates.
    public var stochasticDepth: Float
    /// average = decay average + (1 - decay) parameter after the step; nil keeps no average.
    public var averageDecay: Float?
    /// What the gates' noise and the branches to leave out are drawn from, together with `step`.
    public var seed: UInt64
    /// Counts all steps of a training run, from 0.
    public var step: Int

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
