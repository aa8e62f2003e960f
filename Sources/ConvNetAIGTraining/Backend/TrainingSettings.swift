import ConvNetAIG
import Operators

/// A convolution without bias whose weights are trained.
package struct TrainingConvolutionSettings: Sendable, Hashable {
    package var convolution: ConvolutionSettings
    /// Where its weights begin among the parameters: [output channels][input channels][kernel][kernel].
    package var weights: Int
    /// Whether `backwardToInput` will be asked for.
    package var hasInputGradient: Bool
    /// Whether `backwardToWeights` will be asked for.
    package var hasWeightGradient: Bool

    package init(
        _ convolution: ConvolutionSettings, weights: Int, hasInputGradient: Bool, hasWeightGradient: Bool = true
    ) {
        self.convolution = convolution
        self.weights = weights
        self.hasInputGradient = hasInputGradient
        self.hasWeightGradient = hasWeightGradient
    }
}

/// Batch normalization with the statistics of a batch, and a trained scale and shift.
package struct TrainingNormalizationSettings: Sendable, Hashable {
    package var features: FeatureShape
    /// Where they begin among the parameters: [channels] each.
    package var gamma: Int
    package var beta: Int
    /// Where they begin among the statistics: [channels] each.
    package var runningMean: Int
    package var runningVariance: Int

    package static let epsilon: Float = 1e-5
    /// Share of the batch's statistics in the running ones.
    package static let momentum: Float = 0.1

    package init(features: FeatureShape, gamma: Int, beta: Int, runningMean: Int, runningVariance: Int) {
        self.features = features
        self.gamma = gamma
        self.beta = beta
        self.runningMean = runningMean
        self.runningVariance = runningVariance
    }
}

/// A gate whose parameters are trained; offsets are where its tensors begin among the parameters and statistics.
package struct TrainingGateSettings: Sendable, Hashable {
    package var gate: GateSettings
    /// [hidden][channels]
    package var fc1Weight: Int
    /// [hidden]
    package var fc1Bias: Int
    /// Batch norm after fc1, each [hidden].
    package var gamma: Int
    package var beta: Int
    package var runningMean: Int
    package var runningVariance: Int
    /// [2][hidden]: the row of "skip" before that of "execute"
    package var fc2Weight: Int
    /// [2]
    package var fc2Bias: Int

    package init(
        _ gate: GateSettings, fc1Weight: Int, fc1Bias: Int, gamma: Int, beta: Int, runningMean: Int,
        runningVariance: Int, fc2Weight: Int, fc2Bias: Int
    ) {
        self.gate = gate
        self.fc1Weight = fc1Weight
        self.fc1Bias = fc1Bias
        self.gamma = gamma
        self.beta = beta
        self.runningMean = runningMean
        self.runningVariance = runningVariance
        self.fc2Weight = fc2Weight
        self.fc2Bias = fc2Bias
    }

    /// Channels of the pooled features.
    package var channels: Int { gate.features.channels }
    /// Width of the hidden layer.
    package var hidden: Int { gate.hidden }
}

/// The classifier's linear layer, whose parameters are trained.
package struct TrainingClassifierSettings: Sendable, Hashable {
    package var classifier: ClassifierSettings
    /// Where they begin among the parameters: [classes][channels] and [classes].
    package var weight: Int
    package var bias: Int

    package init(_ classifier: ClassifierSettings, weight: Int, bias: Int) {
        self.classifier = classifier
        self.weight = weight
        self.bias = bias
    }

    /// Channels of the pooled features.
    package var channels: Int { classifier.features.channels }
    package var classes: Int { classifier.classes }
}
