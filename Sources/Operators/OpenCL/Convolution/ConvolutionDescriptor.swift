import Kernels
import OpenCL

/// A convolution and one way to compute it on a device with certain traits: a value from which programs, packed weights
/// and launches follow.
protocol ConvolutionDescriptor: Sendable {
    var settings: FusedConvolutionSettings { get }
    var traits: DeviceTraits { get }

    /// Everything that the operation takes kernels from.
    var programs: Set<ProgramDescriptor> { get }

    /// Whether the operation writes the row sums that the settings ask for; a launch of its own does elsewhere.
    var sumsRows: Bool { get }

    /// Whether its kernels read and write feature maps as halves where ``DeviceTraits/storage`` says so.
    var supportsHalfStorage: Bool { get }

    /// Whether its kernels read weights as floats whatever ``DeviceTraits/storage`` says.
    var readsFloatWeights: Bool { get }

    /// The order in which its kernels read weights.
    var packing: WeightPacking { get }

    /// - Parameters:
    ///   - weights: in the order of ``packing``.
    ///   - bias: one for each output channel, zero where channels are padding.
    ///   - images: of a launch, at most.
    func makeOperation(
        weights: Buffer, bias: Buffer, images: Int, on executor: OpenCLExecutor
    ) throws -> any ConvolutionOperation

    /// Packs weights that stay as they are, and makes the operation that reads them.
    func makeOperation(
        _ weights: ConvolutionWeights, images: Int, on executor: OpenCLExecutor
    ) throws -> any ConvolutionOperation
}

/// A convolution with its weights on the device, ready to be launched.
protocol ConvolutionOperation: AnyObject {
    /// Work-groups of its launches for one image.
    var groupsPerImage: Int { get }

    func enqueue(_ launch: ConvolutionLaunch, on executor: OpenCLExecutor) throws
}

/// What a launch of a convolution works on.
struct ConvolutionLaunch {
    let input: Buffer
    let output: Buffer
    /// Where the sums of the output's rows go; any buffer where none are wanted.
    let rowSums: Buffer
    let active: ActiveImages
    /// Images that the launch covers.
    let images: Int
    /// Decisions of the gates, and where those of the block's own begin: looked at where the activation depends on them.
    let decisions: ActiveImages
}

/// Where a kernel finds the images it works on: the index of each, -1 where there is nothing to do.
struct ActiveImages {
    let buffer: Buffer
    let offset: Int
}

extension ConvolutionDescriptor {
    var convolution: ConvolutionSettings { settings.convolution }

    var readsFloatWeights: Bool { false }

    var inputBlock: Int { convolution.inputBlock }
    var inputHalo: Int { convolution.inputHalo }
    var inputChannels: Int {
        convolution.source == .image ? convolution.input.channels : convolution.input.paddedChannels
    }
    var outputChannels: Int { convolution.output.paddedChannels }

    /// Input channels times taps: the inner extent of the convolution as a product of matrices.
    var innerCount: Int { inputChannels * convolution.kernel * convolution.kernel }

    /// What kernels that read any input, with any stride, are compiled with.
    var convolutionConstants: KeyValuePairs<String, Int> {
        let (input, output) = (convolution.input, convolution.output)
        return [
            "INPUT_BLOCK": inputBlock,
            "INPUT_HEIGHT": input.height, "INPUT_WIDTH": input.width, "INPUT_HALO": inputHalo,
            "OUTPUT_HEIGHT": output.height, "OUTPUT_WIDTH": output.width, "OUTPUT_HALO": ChannelBlock.halo,
            "KERNEL": convolution.kernel, "STRIDE": convolution.stride, "PADDING": convolution.padding,
            "ACTIVATION": settings.activationConstant, "RESIDUAL": settings.addsToOutput ? 1 : 0,
        ]
    }

    /// Packs weights that stay as they are, and makes the operation that reads them.
    ///
    /// - Parameter images: of a launch, at most.
    /// - Throws: ``BackendError/paddingTooWide(padding:halo:)``,
    ///   ``BackendError/halfPrecisionUnsupported(device:)``, `OpenCLError`.
    func makeOperation(
        _ weights: ConvolutionWeights, images: Int, on executor: OpenCLExecutor
    ) throws -> any ConvolutionOperation {
        guard convolution.padding <= inputHalo else {
            throw BackendError.paddingTooWide(padding: convolution.padding, halo: inputHalo)
        }
        guard traits.storage == .float || supportsHalfStorage else {
            throw BackendError.halfPrecisionUnsupported(device: executor.deviceName)
        }
        let count = packing.count(convolution)
        func pack(_ packed: UnsafeMutableBufferPointer<Float>) {
            packing.pack(weights.weights, of: convolution, into: packed)
        }
        let packed = try readsFloatWeights ? executor.constant(count: count, pack) : executor.stored(count: count, pack)
        let padding = [Float](repeating: 0, count: outputChannels - weights.bias.count)
        return try makeOperation(
            weights: packed, bias: executor.constant(weights.bias + padding), images: images, on: executor)
    }
}

extension ConvolutionSettings {
    /// Input channels that lie together: 1 for images, which come as planes.
    var inputBlock: Int { source == .image ? 1 : ChannelBlock.size }
    var inputHalo: Int { source == .image ? padding : ChannelBlock.halo }
}

extension FusedConvolutionSettings {
    /// How kernels are told of the activation: see Convolution.cl.
    var activationConstant: Int {
        switch activation {
        case .none: 0
        case .relu: 1
        case .reluWhereClosed: 2
        }
    }
}
