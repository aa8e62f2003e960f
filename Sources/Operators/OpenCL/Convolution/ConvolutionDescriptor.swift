import Kernels

/// A convolution and one way to compute it on a device with certain traits: a value from which programs, packed weights
/// and launches follow.
protocol ConvolutionDescriptor: Sendable {
    var settings: FusedConvolutionSettings { get }
    var traits: DeviceTraits { get }

    /// Everything that the operation takes kernels from.
    var programs: Set<ProgramDescriptor> { get }

    /// Whether the operation writes the row sums that the settings ask for; a launch of its own does elsewhere.
    var sumsRows: Bool { get }

    /// Whether its kernels read and write activations as halves where ``DeviceTraits/storage`` says so.
    var supportsHalfStorage: Bool { get }

    /// - Parameter images: of a launch, at most.
    func makeOperation(
        _ weights: ConvolutionWeights, images: Int, on backend: OpenCLBackend
    ) throws -> any ConvolutionOperation
}

/// A convolution with its weights on the device, ready to be launched.
protocol ConvolutionOperation: AnyObject {
    /// Work-groups of its launches for one image.
    var groupsPerImage: Int { get }

    func enqueue(_ launch: ConvolutionLaunch, on backend: OpenCLBackend) throws
}

/// What a launch of a convolution works on.
struct ConvolutionLaunch {
    let input: OpenCLBackend.FeatureMaps
    let output: OpenCLBackend.FeatureMaps
    let active: OpenCLBackend.ActiveImages
    /// Images that the launch covers.
    let images: Int
    let decisions: OpenCLBackend.Decisions
    /// The block's gate, where the activation depends on its decision.
    let gate: Int?
}

extension ConvolutionDescriptor {
    var convolution: ConvolutionSettings { settings.convolution }

    /// Input channels that lie together: 1 for pictures, which come as planes.
    var inputBlock: Int { convolution.source == .image ? 1 : ChannelBlock.size }
    var inputHalo: Int { convolution.source == .image ? convolution.padding : ChannelBlock.halo }
    var inputChannels: Int {
        convolution.source == .image ? convolution.input.channels : convolution.input.paddedChannels
    }
    var outputChannels: Int { convolution.output.paddedChannels }

    /// How kernels are told of the activation: see Convolution.cl.
    var activationConstant: Int {
        switch settings.activation {
        case .none: 0
        case .relu: 1
        case .reluWhereClosed: 2
        }
    }

    /// What kernels that read any input, with any stride, are compiled with.
    var convolutionConstants: KeyValuePairs<String, Int> {
        [
            "INPUT_BLOCK": inputBlock,
            "INPUT_HEIGHT": convolution.input.height, "INPUT_WIDTH": convolution.input.width, "INPUT_HALO": inputHalo,
            "OUTPUT_HEIGHT": convolution.output.height,
            "OUTPUT_WIDTH": convolution.output.width, "OUTPUT_HALO": ChannelBlock.halo,
            "KERNEL": convolution.kernel, "STRIDE": convolution.stride, "PADDING": convolution.padding,
            "ACTIVATION": activationConstant, "RESIDUAL": settings.addsToOutput ? 1 : 0,
        ]
    }

    /// Biases, zero where channels are padding.
    func packed(bias: [Float]) -> [Float] {
        bias + [Float](repeating: 0, count: outputChannels - bias.count)
    }
}
