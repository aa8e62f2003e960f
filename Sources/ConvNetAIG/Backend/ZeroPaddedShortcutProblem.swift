/// The parameter-free shortcut of the CIFAR ResNets: every `stride`-th pixel, and channels of zeros before and after the
/// input's (He et al. 2016, option A).
public struct ZeroPaddedShortcutProblem: Sendable, Hashable {
    public var input: FeatureShape
    public var output: FeatureShape
    public var stride: Int
    /// Also keep the sum of each output row per channel.
    public var sumsRows: Bool

    public init(input: FeatureShape, output: FeatureShape, stride: Int, sumsRows: Bool) {
        self.input = input
        self.output = output
        self.stride = stride
        self.sumsRows = sumsRows
    }

    /// The output channel that holds input channel 0.
    public var firstChannel: Int { (output.channels - input.channels) / 2 }
}
