/// One square two-dimensional convolution without bias, as laid out in a network: the sizes of its weights
/// and of the feature maps on either side.
public struct ConvolutionShape: Sendable, Hashable, Codable {
    public let inputChannels: Int
    public let outputChannels: Int
    /// Height and width of the window.
    public let kernel: Int
    public let stride: Int
    /// Zeros added on each of the four sides.
    public let padding: Int
    public let inputHeight: Int
    public let inputWidth: Int
    public let outputHeight: Int
    public let outputWidth: Int

    /// The output size follows from the others, see ``outputSize(of:kernel:stride:padding:)``.
    public init(
        inputChannels: Int, outputChannels: Int, kernel: Int, stride: Int, padding: Int, inputHeight: Int,
        inputWidth: Int
    ) {
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.inputHeight = inputHeight
        self.inputWidth = inputWidth
        outputHeight = Self.outputSize(of: inputHeight, kernel: kernel, stride: stride, padding: padding)
        outputWidth = Self.outputSize(of: inputWidth, kernel: kernel, stride: stride, padding: padding)
    }

    /// Output height or width, floor((size + 2 padding - kernel) / stride) + 1 as in PyTorch, or 0 where the
    /// window does not fit. The sizes must be positive and small enough not to overflow.
    public static func outputSize(of size: Int, kernel: Int, stride: Int, padding: Int) -> Int {
        let room = size + 2 * padding - kernel
        return room < 0 ? 0 : room / stride + 1
    }

    /// Shape of the weights: [output channels, input channels, kernel, kernel].
    public var weightShape: [Int] { [outputChannels, inputChannels, kernel, kernel] }

    /// Number of weights.
    public var weightCount: Int { outputChannels * inputChannels * kernel * kernel }

    /// Multiply-accumulates per image.
    public var macs: Int { weightCount * outputHeight * outputWidth }

    var approximateMACs: Double { Double(weightCount) * Double(outputHeight) * Double(outputWidth) }
}
