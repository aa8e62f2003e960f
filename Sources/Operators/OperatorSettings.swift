/// The shape of one image or of its feature map: channels x height x width.
public struct FeatureShape: Sendable, Hashable, Codable {
    /// Channels; 3 for a colour image.
    public var channels: Int
    /// Rows of a channel.
    public var height: Int
    /// Columns of a channel.
    public var width: Int

    /// A shape of these sizes, which are checked where an operator or an architecture is made of them.
    public init(channels: Int = 3, height: Int, width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// Values of one image: channels x height x width.
    public var count: Int { channels * height * width }

    /// Pixels of one channel: height x width.
    public var pixels: Int { height * width }

    /// The shape behind a square window that slides over this one.
    fileprivate func slid(channels: Int, kernel: Int, stride: Int, padding: Int) -> FeatureShape {
        FeatureShape(
            channels: channels,
            height: ConvolutionSettings.outputSize(of: height, kernel: kernel, stride: stride, padding: padding),
            width: ConvolutionSettings.outputSize(of: width, kernel: kernel, stride: stride, padding: padding))
    }
}

// MARK: Convolution

/// A square two-dimensional convolution without bias, for each image of a batch:
/// y[o, r, c] = sum over i, ky, kx of w[o, i, ky, kx] x[i, r stride + ky - padding, c stride + kx - padding], x being 0
/// outside of the image.
///
/// Every pass over a convolution takes these settings: forward, to the input and to the weights.
public struct ConvolutionSettings: Sendable, Hashable, Codable {
    /// Where the input comes from, which decides how it is laid out on a device.
    public enum Source: String, Sendable, Hashable, Codable {
        /// The network's input images.
        case image
        /// The output of another layer.
        case features
    }

    /// Where the input comes from.
    public var source: Source
    /// Shape of the input.
    public var input: FeatureShape
    /// Channels of the output.
    public var outputChannels: Int
    /// Height and width of the window.
    public var kernel: Int
    /// Pixels of the input from one window to the next.
    public var stride: Int
    /// Zeros added on each of the four sides of the input.
    public var padding: Int

    /// A convolution with these sizes; the output's follow from them.
    public init(
        source: Source = .features, input: FeatureShape, outputChannels: Int, kernel: Int, stride: Int = 1,
        padding: Int = 0
    ) {
        self.source = source
        self.input = input
        self.outputChannels = outputChannels
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
    }

    /// Output height or width, floor((size + 2 padding - kernel) / stride) + 1 as in PyTorch, or 0 where the window does
    /// not fit. The sizes must be positive and small enough not to overflow.
    public static func outputSize(of size: Int, kernel: Int, stride: Int, padding: Int) -> Int {
        let room = size + 2 * padding - kernel
        return room < 0 ? 0 : room / stride + 1
    }

    /// Shape of the output, see ``outputSize(of:kernel:stride:padding:)``.
    public var output: FeatureShape {
        input.slid(channels: outputChannels, kernel: kernel, stride: stride, padding: padding)
    }

    /// Shape of the weights: [output channels, input channels, kernel, kernel].
    public var weightShape: [Int] { [outputChannels, input.channels, kernel, kernel] }

    /// Number of weights.
    public var weightCount: Int { outputChannels * input.channels * kernel * kernel }

    /// Multiply-accumulates per image.
    public var macs: Int { weightCount * output.pixels }
}

/// A convolution with a bias and everything that is done to its sums before they are stored: what inference runs.
public struct FusedConvolutionSettings: Sendable, Hashable, Codable {
    /// What happens to a sum before it is stored.
    public enum Activation: String, Sendable, Hashable, Codable {
        /// Nothing.
        case none
        /// max(sum, 0)
        case relu
        /// ReLU for the images whose branch stays closed: a shortcut that nothing will be added to.
        case reluWhereClosed
    }

    /// The convolution itself.
    public var convolution: ConvolutionSettings
    /// What happens to a sum before it is stored.
    public var activation: Activation
    /// Whether the output already holds the shortcut, to which the sum is added in place.
    public var addsToOutput: Bool
    /// Whether the sum of each output row is kept as well, per channel; gates and the classifier take their pooled features
    /// from these.
    public var sumsRows: Bool

    /// A convolution with this epilogue.
    public init(
        _ convolution: ConvolutionSettings, activation: Activation = .none, addsToOutput: Bool = false,
        sumsRows: Bool = false
    ) {
        self.convolution = convolution
        self.activation = activation
        self.addsToOutput = addsToOutput
        self.sumsRows = sumsRows
    }

    // All keys side by side, as stored measurements have them.
    private enum CodingKeys: String, CodingKey {
        case activation, addsToOutput, sumsRows
    }

    /// Decodes the convolution's keys and the epilogue's from one object.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        convolution = try ConvolutionSettings(from: decoder)
        activation = try container.decode(Activation.self, forKey: .activation)
        addsToOutput = try container.decode(Bool.self, forKey: .addsToOutput)
        sumsRows = try container.decode(Bool.self, forKey: .sumsRows)
    }

    /// Encodes the convolution's keys and the epilogue's into one object.
    public func encode(to encoder: any Encoder) throws {
        try convolution.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(activation, forKey: .activation)
        try container.encode(addsToOutput, forKey: .addsToOutput)
        try container.encode(sumsRows, forKey: .sumsRows)
    }
}

/// A convolution's weights and bias, batch norm folded in.
package struct ConvolutionWeights: Sendable {
    /// [output channels][input channels][kernel][kernel]
    package var weights: [Float]
    /// [output channels]
    package var bias: [Float]

    package init(weights: [Float], bias: [Float]) {
        self.weights = weights
        self.bias = bias
    }
}

// MARK: Between convolutions

/// Max pooling over non-negative features.
package struct PoolingSettings: Sendable, Hashable {
    package var input: FeatureShape
    /// Height and width of the window.
    package var kernel: Int
    package var stride: Int
    /// Rows and columns on each side of the input that count as less than any feature.
    package var padding: Int
    /// Whether the sum of each output row is kept as well, per channel.
    package var sumsRows: Bool

    package init(input: FeatureShape, kernel: Int, stride: Int, padding: Int, sumsRows: Bool = false) {
        self.input = input
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.sumsRows = sumsRows
    }

    /// Shape of the output, see ``ConvolutionSettings/outputSize(of:kernel:stride:padding:)``.
    package var output: FeatureShape {
        input.slid(channels: input.channels, kernel: kernel, stride: stride, padding: padding)
    }
}

/// The parameter-free shortcut of the CIFAR ResNets: every `stride`-th pixel, and channels of zeros before and after the
/// input's (He et al. 2016, option A).
package struct ZeroPaddedShortcutSettings: Sendable, Hashable {
    package var input: FeatureShape
    package var output: FeatureShape
    package var stride: Int
    /// Whether the sum of each output row is kept as well, per channel.
    package var sumsRows: Bool

    package init(input: FeatureShape, output: FeatureShape, stride: Int, sumsRows: Bool = false) {
        self.input = input
        self.output = output
        self.stride = stride
        self.sumsRows = sumsRows
    }

    /// The output channel that holds input channel 0.
    package var firstChannel: Int { (output.channels - input.channels) / 2 }
}

/// Batch normalization with given statistics, where it cannot be folded into a convolution.
package struct BatchNormalizationSettings: Sendable, Hashable {
    package var features: FeatureShape
    /// Whether ReLU is applied to the result.
    package var rectifies: Bool
    /// Whether the sum of each output row is kept as well, per channel.
    package var sumsRows: Bool

    package init(features: FeatureShape, rectifies: Bool = false, sumsRows: Bool = false) {
        self.features = features
        self.rectifies = rectifies
        self.sumsRows = sumsRows
    }
}

// MARK: Pooled features

/// A gate: pooled features -> linear -> ReLU -> linear -> log-odds of "execute" over "skip".
package struct GateSettings: Sendable, Hashable {
    /// The feature map whose mean the gate sees.
    package var features: FeatureShape
    /// Width of the hidden layer.
    package var hidden: Int

    package init(features: FeatureShape, hidden: Int) {
        self.features = features
        self.hidden = hidden
    }
}

/// A gate's weights, batch norm folded in and both output units taken together.
package struct GateWeights: Sendable {
    /// [hidden][channels]
    package var fc1: [Float]
    /// [hidden]
    package var fc1Bias: [Float]
    /// The weights of "execute" minus those of "skip": [hidden]. Only their difference decides.
    package var fc2: [Float]
    package var fc2Bias: Float

    package init(fc1: [Float], fc1Bias: [Float], fc2: [Float], fc2Bias: Float) {
        self.fc1 = fc1
        self.fc1Bias = fc1Bias
        self.fc2 = fc2
        self.fc2Bias = fc2Bias
    }
}

/// The classifier: the mean over the feature map, then a linear layer.
package struct ClassifierSettings: Sendable, Hashable {
    package var features: FeatureShape
    package var classes: Int

    package init(features: FeatureShape, classes: Int) {
        self.features = features
        self.classes = classes
    }
}

/// A linear layer's weights.
package struct LinearWeights: Sendable {
    /// [classes][channels]
    package var weights: [Float]
    /// [classes]
    package var bias: [Float]

    package init(weights: [Float], bias: [Float]) {
        self.weights = weights
        self.bias = bias
    }
}

/// Any operator of inference, for backends that get ready for a whole network at once.
package enum OperatorSettings: Sendable, Hashable {
    case convolution(FusedConvolutionSettings)
    case pooling(PoolingSettings)
    case zeroPaddedShortcut(ZeroPaddedShortcutSettings)
    case gate(GateSettings)
    case classifier(ClassifierSettings)
    case batchNormalization(BatchNormalizationSettings)
}
