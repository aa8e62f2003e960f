import ConvNetAIG
import Operators
import Kernels
import OpenCL

/// How the gradient of a convolution's weights is computed: by WeightGradient.cl, or, where it takes fewer multiplications,
/// by WinogradWeightGradient.cl; and how the batch is shared out among work-items.
struct WeightGradientKernel {
    private enum Algorithm {
        case direct
        case winograd(chunkTiles: Int, itemVectors: Int)
    }

    private let settings: TrainingConvolutionSettings
    private let traits: DeviceTraits
    private let algorithm: Algorithm
    /// Input channels whose sums stay in registers.
    private let tileInputs: Int
    /// Parts of the batch that are summed by themselves.
    let slices: Int

    /// Work-items to have for each that can run at once, so that all end at about the same time.
    private static let itemsPerUnit = 4
    /// Pixels of the gradient that stay in the core's first cache while all taps see them.
    private static let stripPixels = 128
    private static let outputTile = 4
    private static let winogradPoints = 36
    /// Tiles whose points are kept: enough that reading and writing the sums between them is little beside their products.
    private static let chunkTiles = 32

    /// - Parameter images: of a step, at most.
    init(_ settings: TrainingConvolutionSettings, _ traits: DeviceTraits, images: Int) {
        self.settings = settings
        self.traits = traits
        let registers = traits.vectorRegisters - 2
        if settings.convolution.source == .image {
            let most = max(registers / settings.convolution.kernel, 1)
            let channels = settings.convolution.input.channels
            tileInputs = (1...channels).last { channels % $0 == 0 && $0 <= most } ?? 1
        } else {
            tileInputs = [16, 8, 4, 2].first { $0 <= registers } ?? 1
        }
        algorithm = Self.winograd(settings, traits) ?? .direct

        let vectors = settings.convolution.output.paddedChannels / traits.vectorWidth
        let items: Int
        switch algorithm {
        case .direct:
            items =
                vectors
                * (settings.convolution.source == .image
                    ? 1 : settings.convolution.input.paddedChannels / ChannelBlock.size)
        case .winograd(_, let itemVectors): items = vectors / itemVectors
        }
        let wanted = Self.itemsPerUnit * traits.computeUnits
        slices = min(max((wanted + items - 1) / items, 1), images)
    }

    /// Nil where it cannot be had, or does not pay.
    private static func winograd(_ settings: TrainingConvolutionSettings, _ traits: DeviceTraits) -> Algorithm? {
        let shape = settings.convolution
        guard settings.convolution.source == .features, shape.kernel == 3, shape.stride == 1, shape.padding == 1,
            traits.groupSize == 1
        else { return nil }
        let vectors = settings.convolution.output.paddedChannels / traits.vectorWidth
        for itemVectors in [4, 2, 1] where vectors % itemVectors == 0 {
            for chunk in [chunkTiles, chunkTiles / 2, chunkTiles / 4] {
                let bytes = scratchBytes(settings, traits, chunkTiles: chunk, itemVectors: itemVectors)
                if bytes <= traits.localMemory { return .winograd(chunkTiles: chunk, itemVectors: itemVectors) }
            }
        }
        return nil
    }

    private static func scratchBytes(
        _ settings: TrainingConvolutionSettings, _ traits: DeviceTraits, chunkTiles: Int, itemVectors: Int
    ) -> Int {
        let perTile = settings.convolution.input.paddedChannels + itemVectors * traits.vectorWidth
        return winogradPoints * (chunkTiles * perTile + 2 * ChannelBlock.size) * MemoryLayout<Float>.stride
    }

    /// Input channels that sums are kept for.
    var inputChannels: Int {
        settings.convolution.source == .image
            ? settings.convolution.input.channels : settings.convolution.input.paddedChannels
    }

    /// Values of the sums that are added up afterwards.
    var partialCount: Int {
        let perPair: Int
        switch algorithm {
        case .direct: perPair = settings.convolution.kernel * settings.convolution.kernel
        case .winograd: perPair = Self.winogradPoints
        }
        return slices * settings.convolution.output.paddedChannels * inputChannels * perPair
    }

    var kernelName: String {
        switch algorithm {
        case .direct: "weight_gradient"
        case .winograd: "winograd_weight_gradient"
        }
    }

    /// Of the kernel that adds the slices up.
    var addingKernelName: String {
        switch algorithm {
        case .direct: "add_slices"
        case .winograd: "add_winograd_slices"
        }
    }

    var program: ProgramDescriptor {
        switch algorithm {
        case .direct:
            return ProgramDescriptor(
                .weightGradient, traits,
                [
                    "INPUT_BLOCK": settings.convolution.source == .image ? 1 : ChannelBlock.size,
                    "INPUT_HEIGHT": settings.convolution.input.height, "INPUT_WIDTH": settings.convolution.input.width,
                    "INPUT_HALO": settings.convolution.source == .image
                        ? settings.convolution.padding : ChannelBlock.halo,
                    "OUTPUT_HEIGHT": settings.convolution.output.height,
                    "OUTPUT_WIDTH": settings.convolution.output.width,
                    "KERNEL": settings.convolution.kernel, "STRIDE": settings.convolution.stride,
                    "PADDING": settings.convolution.padding, "TILE_INPUTS": tileInputs,
                    "STRIP_ROWS": max(
                        min(Self.stripPixels / settings.convolution.output.width, settings.convolution.output.height), 1
                    ),
                ])
        case .winograd(let chunkTiles, let itemVectors):
            return ProgramDescriptor(
                .winogradWeightGradient, traits,
                [
                    "HEIGHT": settings.convolution.output.height, "WIDTH": settings.convolution.output.width,
                    "OUTPUT_TILE": Self.outputTile,
                    "CHUNK_TILES": chunkTiles, "ITEM_VECTORS": itemVectors, "TILE_INPUTS": tileInputs,
                ])
        }
    }

    func enqueue(
        _ kernel: TrainingKernel, input: OpenCLTrainingBackend.FeatureMaps, gradient: OpenCLTrainingBackend.FeatureMaps,
        partial: Buffer, images: Int, on backend: OpenCLTrainingBackend
    ) throws {
        let outputChannels = settings.convolution.output.paddedChannels
        let vectors = outputChannels / traits.vectorWidth
        let arguments: [TrainingKernel.Argument] = [
            .buffer(input.values), .buffer(gradient.values), .buffer(partial), .integer(images), .integer(slices),
            .integer(inputChannels), .integer(outputChannels),
        ]
        switch algorithm {
        case .direct:
            let blocks = settings.convolution.source == .image ? 1 : inputChannels / ChannelBlock.size
            try backend.launch(kernel, NDRange(vectors, blocks, slices), arguments)
        case .winograd(let chunkTiles, let itemVectors):
            let scratch = Self.scratchBytes(settings, traits, chunkTiles: chunkTiles, itemVectors: itemVectors)
            try backend.launch(
                kernel, NDRange(vectors / itemVectors, slices, 1),
                arguments + [.local(LocalMemory(byteCount: scratch))])
        }
    }
}
