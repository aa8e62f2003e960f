/// What a convolution computes, for every image of a launch: a small value that selects, and caches, a kernel.
public struct ConvolutionProblem: Sendable, Hashable, Codable {
    /// What happens to a sum before it is stored.
    public enum Activation: String, Sendable, Hashable, Codable {
        case none
        case relu
        /// ReLU for the images whose branch stays closed: a shortcut that nothing will be added to.
        case reluWhereClosed
    }

    /// Where the input comes from, which decides how it is laid out.
    public enum Source: String, Sendable, Hashable, Codable {
        /// The network's input pictures.
        case image
        /// The output of another layer.
        case features
    }

    public var source: Source
    public var input: FeatureShape
    public var outputChannels: Int
    /// Side of the square kernel.
    public var kernel: Int
    public var stride: Int
    /// Zeros around the input, on every side.
    public var padding: Int
    public var activation: Activation
    /// The output already holds the shortcut: the sum is added to it in place.
    public var addsToOutput: Bool
    /// Also keep the sum of each output row per channel, from which gates and classifier take their pooled features.
    public var sumsRows: Bool

    public init(
        source: Source = .features, input: FeatureShape, outputChannels: Int, kernel: Int, stride: Int = 1,
        padding: Int = 0, activation: Activation = .none, addsToOutput: Bool = false, sumsRows: Bool = false
    ) {
        self.source = source
        self.input = input
        self.outputChannels = outputChannels
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.activation = activation
        self.addsToOutput = addsToOutput
        self.sumsRows = sumsRows
    }

    /// floor((extent + 2 padding - kernel) / stride) + 1 in both directions.
    public var output: FeatureShape {
        FeatureShape(
            channels: outputChannels,
            height: (input.height + 2 * padding - kernel) / stride + 1,
            width: (input.width + 2 * padding - kernel) / stride + 1)
    }
}
