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

// MARK: Parameters

/// Which optimizer settings a parameter follows.
public enum ParameterGroup: String, Sendable, Hashable, Codable, CaseIterable {
    /// Convolutions and the classifier's matrix.
    case weights
    /// Batch norm's scale and shift, and the classifier's bias.
    case normalization
    /// Everything of the gates: their linear layers, biases and batch norm.
    case gates
}

/// Stochastic gradient descent with momentum, as PyTorch's SGD without dampening: with the gradient
/// g = scale gradient + weight decay x parameter, v = momentum v + g; parameter -= learning rate x v, or, for Nesterov's
/// momentum, learning rate x (g + momentum v).
public struct OptimizerSettings: Sendable, Hashable {
    /// How the parameters of one ``ParameterGroup`` are updated.
    public struct Group: Sendable, Hashable, Codable {
        /// Factor of the velocity.
        public var learningRate: Float
        /// Added to the gradient, times the parameter.
        public var weightDecay: Float

        /// These settings for a group.
        public init(learningRate: Float, weightDecay: Float) {
            self.learningRate = learningRate
            self.weightDecay = weightDecay
        }
    }

    package var groups: [ParameterGroup: Group]
    package var momentum: Float
    package var nesterov: Bool
    /// Gradients are scaled down together so that their L2 norm is at most this; nil leaves them.
    package var clipNorm: Float?
    /// average = decay average + (1 - decay) parameter after the step; nil keeps no average.
    package var averageDecay: Float?

    package init(
        groups: [ParameterGroup: Group], momentum: Float, nesterov: Bool, clipNorm: Float?, averageDecay: Float?
    ) {
        self.groups = groups
        self.momentum = momentum
        self.nesterov = nesterov
        self.clipNorm = clipNorm
        self.averageDecay = averageDecay
    }
}

/// Sizes of the flat arrays in which a network's parameters and running statistics lie.
package struct ParameterSizes: Sendable, Hashable {
    /// Tensors begin at multiples of this, so that any device may read them in vectors; what lies between stays zero.
    package static let alignment = 16

    /// Values of the parameters' array, and of those of gradients, velocities and averages.
    package var parameters: Int
    /// Values of the running means and variances.
    package var statistics: Int
    /// The part of the parameters' array that belongs to each group; each begins and ends at a multiple of the alignment.
    package var groups: [ParameterGroup: Range<Int>]

    package init(parameters: Int, statistics: Int, groups: [ParameterGroup: Range<Int>]) {
        self.parameters = parameters
        self.statistics = statistics
        self.groups = groups
    }

    /// Values of an array.
    package func count(of array: ParameterArray) -> Int { array == .statistics ? statistics : parameters }
}

/// The flat arrays that ``ParameterSizes`` describes.
package enum ParameterArray: String, Sendable, Hashable, CaseIterable {
    case parameters
    case gradients
    /// The optimizer's velocities.
    case momentum
    /// Moving averages of the parameters.
    case average
    /// Running means and variances.
    case statistics
}

// MARK: Loss and attack

/// The targets of a network's logits, and the loss: for each image
/// (1 - w) cross-entropy + w T^2 KL(softmax(teacher / T) || softmax(logits / T)).
///
/// Cross-entropy has targets (1 - e) [k = label] + e / classes, where e is the label smoothing (Szegedy et al. 2016); the
/// second part is distillation (Hinton et al., arXiv 1503.02531), of weight w and temperature T.
package struct LossTargets: Sendable, Hashable {
    /// The right class of each image.
    package var labels: [Int32]
    package var labelSmoothing: Float
    /// Logits of the network to learn from, [image][class]; not looked at if ``teacherWeight`` is 0.
    package var teacherLogits: [Float]
    /// w, in 0...1.
    package var teacherWeight: Float
    /// T
    package var teacherTemperature: Float

    package init(
        labels: [Int32], labelSmoothing: Float = 0, teacherLogits: [Float] = [], teacherWeight: Float = 0,
        teacherTemperature: Float = 1
    ) {
        self.labels = labels
        self.labelSmoothing = labelSmoothing
        self.teacherLogits = teacherLogits
        self.teacherWeight = teacherWeight
        self.teacherTemperature = teacherTemperature
    }
}

/// A step of an attack, in the units of the network's input: one value per channel each.
package struct Perturbation: Sendable, Hashable {
    /// How far a value moves.
    package var step: [Float]
    /// How far it may be from where it began.
    package var bound: [Float]
    /// Black and white: no value leaves these.
    package var lowest: [Float]
    package var highest: [Float]

    package init(step: [Float], bound: [Float], lowest: [Float], highest: [Float]) {
        self.step = step
        self.bound = bound
        self.lowest = lowest
        self.highest = highest
    }
}
