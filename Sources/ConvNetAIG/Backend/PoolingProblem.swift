/// Max pooling over non-negative features.
public struct PoolingProblem: Sendable, Hashable {
    public var input: FeatureShape
    public var kernel: Int
    public var stride: Int
    public var padding: Int
    /// Also keep the sum of each output row per channel.
    public var sumsRows: Bool

    public init(input: FeatureShape, kernel: Int, stride: Int, padding: Int, sumsRows: Bool) {
        self.input = input
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.sumsRows = sumsRows
    }

    /// floor((extent + 2 padding - kernel) / stride) + 1 in both directions.
    public var output: FeatureShape {
        FeatureShape(
            channels: input.channels,
            height: (input.height + 2 * padding - kernel) / stride + 1,
            width: (input.width + 2 * padding - kernel) / stride + 1)
    }
}
