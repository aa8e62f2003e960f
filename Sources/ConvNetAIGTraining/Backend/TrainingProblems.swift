import ConvNetAIG

/// A convolution without bias, forward and backward.
public struct TrainingConvolutionProblem: Sendable, Hashable {
    public var source: ConvolutionProblem.Source
    public var shape: ConvolutionShape
    /// Where its weights begin among the parameters: [output channels][input channels][kernel][kernel].
    public var weights: Int
    /// Whether `backwardToInput` will be asked for.
    public var hasInputGradient: Bool
    /// Whether `backwardToWeights` will be asked for.
    public var hasWeightGradient: Bool

    public init(
        source: ConvolutionProblem.Source, shape: ConvolutionShape, weights: Int, hasInputGradient: Bool,
        hasWeightGradient: Bool = true
    ) {
        self.source = source
        self.shape = shape
        self.weights = weights
        self.hasInputGradient = hasInputGradient
        self.hasWeightGradient = hasWeightGradient
    }

    public var input: FeatureShape {
        FeatureShape(channels: shape.inputChannels, height: shape.inputHeight, width: shape.inputWidth)
    }

    public var output: FeatureShape {
        FeatureShape(channels: shape.outputChannels, height: shape.outputHeight, width: shape.outputWidth)
    }
}

/// Batch norm over feature maps.
public struct TrainingNormalizationProblem: Sendable, Hashable {
    public var shape: FeatureShape
    /// Where they begin among the parameters: [channels] each.
    public var gamma: Int
    public var beta: Int
    /// Where they begin among the statistics: [channels] each.
    public var runningMean: Int
    public var runningVariance: Int

    public static let epsilon: Float = 1e-5
    /// Share of the batch's statistics in the running ones.
    public static let momentum: Float = 0.1

    public init(shape: FeatureShape, gamma: Int, beta: Int, runningMean: Int, runningVariance: Int) {
        self.shape = shape
        self.gamma = gamma
        self.beta = beta
        self.runningMean = runningMean
        self.runningVariance = runningVariance
    }
}

/// A gate; offsets are where its tensors begin among the parameters and statistics.
public struct TrainingGateProblem: Sendable, Hashable {
    public var channels: Int
    public var hidden: Int
    /// [hidden][channels]
    public var fc1Weight: Int
    /// [hidden]
    public var fc1Bias: Int
    /// Batch norm after fc1, each [hidden].
    public var gamma: Int
    public var beta: Int
    public var runningMean: Int
    public var runningVariance: Int
    /// [2][hidden]: the row of "skip" before that of "execute"
    public var fc2Weight: Int
    /// [2]
    public var fc2Bias: Int
}

/// The linear layer at the end.
public struct TrainingClassifierProblem: Sendable, Hashable {
    public var channels: Int
    public var classes: Int
    /// Where they begin among the parameters: [classes][channels] and [classes].
    public var weight: Int
    public var bias: Int
}
