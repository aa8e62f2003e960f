/// A product of matrices that an implicit GEMM computes for each image, for a convolution or backward through it: what
/// ImplicitGEMM.cl is compiled for, without its tile.
struct ImplicitGEMMProblem: Sendable, Hashable {
    /// What the left matrix is made of: a convolution's input, or the gradient with respect to its output.
    let input: FeatureShape
    /// 1 for pictures.
    let inputBlock: Int
    let inputHalo: Int
    let output: FeatureShape
    let kernel: Int
    let stride: Int
    let padding: Int
    /// Whether the output is the gradient with respect to a convolution's input.
    let isBackward: Bool
    let activation: Int
    let addsToOutput: Bool
    let sumsRows: Bool

    init(_ settings: FusedConvolutionSettings) {
        let convolution = settings.convolution
        input = convolution.input
        inputBlock = convolution.inputBlock
        inputHalo = convolution.inputHalo
        output = convolution.output
        (kernel, stride, padding) = (convolution.kernel, convolution.stride, convolution.padding)
        isBackward = false
        activation = settings.activationConstant
        addsToOutput = settings.addsToOutput
        sumsRows = settings.sumsRows
    }

    /// The gradient of a convolution with respect to its input.
    init(inputGradientOf convolution: ConvolutionSettings, adding: Bool) {
        input = convolution.output
        inputBlock = ChannelBlock.size
        inputHalo = ChannelBlock.halo
        output = FeatureShape(
            channels: convolution.input.channels, height: convolution.input.height, width: convolution.input.width)
        (kernel, stride, padding) = (convolution.kernel, convolution.stride, convolution.padding)
        isBackward = true
        activation = 0
        addsToOutput = adding
        sumsRows = false
    }

    // MARK: Extents

    var inputChannels: Int { inputBlock == 1 ? input.channels : input.paddedChannels }
    var outputChannels: Int { output.paddedChannels }

    /// Parts of the output whose pixels see the same taps: tiles of their own.
    var remainders: Int { isBackward ? stride * stride : 1 }

    /// Pixels of each part that tiles cover.
    var tiledPixels: Int {
        guard isBackward else { return output.pixels }
        return (output.height + stride - 1) / stride * ((output.width + stride - 1) / stride)
    }

    /// Values of the inner extent, input channels times taps, of the pixels that see most.
    var inner: Int {
        let taps = isBackward ? (kernel + stride - 1) / stride : kernel
        return inputChannels * taps * taps
    }

    /// Values of the inner extent of all parts together.
    var innerOfAll: Int { inputChannels * kernel * kernel }

    /// What the packed weights have of them, for steps of this depth.
    func packedInner(depth: Int) -> Int {
        isBackward ? innerOfAll : (innerOfAll + depth - 1) / depth * depth
    }

    /// Whether steps of this depth have a tap each, or several of them.
    func supports(depth: Int) -> Bool {
        // Backward, row and column share 32 bits.
        guard !isBackward || max(output.height, output.width) + padding < 1 << 15 else { return false }
        return ChannelBlock.size % depth == 0 || !isBackward && depth % ChannelBlock.size == 0
    }

    var constants: KeyValuePairs<String, Int> {
        [
            "INPUT_BLOCK": inputBlock,
            "INPUT_HEIGHT": input.height, "INPUT_WIDTH": input.width, "INPUT_HALO": inputHalo,
            "OUTPUT_HEIGHT": output.height, "OUTPUT_WIDTH": output.width, "OUTPUT_HALO": ChannelBlock.halo,
            "KERNEL": kernel, "STRIDE": stride, "PADDING": padding, "BACKWARD": isBackward ? 1 : 0,
            "ACTIVATION": activation, "RESIDUAL": addsToOutput ? 1 : 0,
        ]
    }
}
