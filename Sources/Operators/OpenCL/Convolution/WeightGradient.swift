import Kernels
import OpenCL

/// The gradient of a convolution with respect to its weights (backward-filter):
/// g(w)[o, i, ky, kx] = sum over images, r, c of g(y)[o, r, c] x[i, r stride + ky - padding, c stride + kx - padding].
///
/// WeightGradient.cl computes it, or, where it takes fewer multiplications, WinogradWeightGradient.cl, and where work-items run
/// side by side, WeightGradientGEMM.cl. Parts of the batch are summed by themselves and added up afterwards, in a fixed order.
enum WeightGradient {
    case product(WeightGradientGEMM)
    case rows(RowWiseWeightGradient)

    /// - Parameter images: of a launch, at most.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)``, `OpenCLError`.
    init(_ convolution: ConvolutionSettings, images: Int, on executor: OpenCLExecutor) throws {
        self =
            WeightGradientTile.fits(executor.traits)
            ? .product(try WeightGradientGEMM(convolution, images: images, on: executor))
            : .rows(try RowWiseWeightGradient(convolution, images: images, on: executor))
    }

    /// - Parameters:
    ///   - input: x
    ///   - gradient: g(y)
    ///   - result: where the gradients of all parameters lie.
    ///   - first: where the convolution's weights begin among them.
    func enqueue(
        _ input: Buffer, _ gradient: Buffer, to result: Buffer, first: Int, images: Int, on executor: OpenCLExecutor
    ) throws {
        switch self {
        case .product(let product):
            try product.enqueue(input, gradient, to: result, first: first, images: images, on: executor)
        case .rows(let rows):
            try rows.enqueue(input, gradient, to: result, first: first, images: images, on: executor)
        }
    }
}

/// WeightGradient.cl and WinogradWeightGradient.cl, whose work-items have rows or tiles to themselves.
final class RowWiseWeightGradient {
    private let descriptor: WeightGradientDescriptor
    private let sums: BoundKernel
    private let total: BoundKernel
    private let scratchBytes: Int

    /// - Parameter images: of a launch, at most.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)``, `OpenCLError`.
    init(_ convolution: ConvolutionSettings, images: Int, on executor: OpenCLExecutor) throws {
        descriptor = WeightGradientDescriptor(convolution, executor.traits, images: images)
        sums = try executor.kernel(descriptor.kernelName, descriptor.program)
        total = try executor.kernel(descriptor.addingKernelName, descriptor.program)
        scratchBytes = descriptor.partialCount * MemoryLayout<Float>.stride
        _ = try executor.scratch(byteCount: scratchBytes)
    }

    /// - Parameters:
    ///   - input: x
    ///   - gradient: g(y)
    ///   - result: where the gradients of all parameters lie.
    ///   - first: where the convolution's weights begin among them.
    func enqueue(
        _ input: Buffer, _ gradient: Buffer, to result: Buffer, first: Int, images: Int, on executor: OpenCLExecutor
    ) throws {
        let (convolution, traits) = (descriptor.convolution, executor.traits)
        let partial = try executor.scratch(byteCount: scratchBytes)
        let channels = convolution.output.paddedChannels
        try sums.bind([
            .buffer(input), .buffer(gradient), .buffer(partial), .integer(images), .integer(descriptor.slices),
            .integer(descriptor.inputChannels), .integer(channels),
        ])
        if let scratch = descriptor.localBytes { try sums.bind(7, LocalMemory(byteCount: scratch)) }
        try executor.launch(sums, global: descriptor.global)
        let outputs = convolution.outputChannels
        try executor.launch(
            total, NDRange((outputs + traits.vectorWidth - 1) / traits.vectorWidth, convolution.input.channels),
            .buffer(partial), .buffer(result), .integer(first), .integer(descriptor.slices),
            .integer(convolution.input.channels), .integer(outputs), .integer(descriptor.inputChannels),
            .integer(channels))
    }
}

/// How the gradient of a convolution's weights is computed, and how the batch is shared out among work-items.
private struct WeightGradientDescriptor {
    private enum Algorithm {
        case direct
        case winograd(chunkTiles: Int, itemVectors: Int)
    }

    let convolution: ConvolutionSettings
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
    init(_ convolution: ConvolutionSettings, _ traits: DeviceTraits, images: Int) {
        self.convolution = convolution
        self.traits = traits
        let registers = traits.vectorRegisters - 2
        if convolution.source == .image {
            let most = max(registers / convolution.kernel, 1)
            let channels = convolution.input.channels
            tileInputs = (1...channels).last { channels % $0 == 0 && $0 <= most } ?? 1
        } else {
            tileInputs = [16, 8, 4, 2].first { $0 <= registers } ?? 1
        }
        algorithm = Self.winograd(convolution, traits) ?? .direct

        let vectors = convolution.output.paddedChannels / traits.vectorWidth
        let items: Int
        switch algorithm {
        case .direct:
            items = vectors * (convolution.source == .image ? 1 : convolution.input.paddedChannels / ChannelBlock.size)
        case .winograd(_, let itemVectors): items = vectors / itemVectors
        }
        let wanted = Self.itemsPerUnit * traits.computeUnits
        slices = min(max((wanted + items - 1) / items, 1), images)
    }

    /// Nil where it cannot be had, or does not pay.
    private static func winograd(_ convolution: ConvolutionSettings, _ traits: DeviceTraits) -> Algorithm? {
        guard WinogradConvolution.supports(convolution, traits) else { return nil }
        let vectors = convolution.output.paddedChannels / traits.vectorWidth
        for itemVectors in [4, 2, 1] where vectors % itemVectors == 0 {
            for chunk in [chunkTiles, chunkTiles / 2, chunkTiles / 4] {
                let bytes = localBytes(convolution, traits, chunkTiles: chunk, itemVectors: itemVectors)
                if bytes <= traits.localMemory { return .winograd(chunkTiles: chunk, itemVectors: itemVectors) }
            }
        }
        return nil
    }

    private static func localBytes(
        _ convolution: ConvolutionSettings, _ traits: DeviceTraits, chunkTiles: Int, itemVectors: Int
    ) -> Int {
        let perTile = convolution.input.paddedChannels + itemVectors * traits.vectorWidth
        return winogradPoints * (chunkTiles * perTile + 2 * ChannelBlock.size) * MemoryLayout<Float>.stride
    }

    /// Bytes of local memory; nil where the kernel takes none.
    var localBytes: Int? {
        guard case .winograd(let chunkTiles, let itemVectors) = algorithm else { return nil }
        return Self.localBytes(convolution, traits, chunkTiles: chunkTiles, itemVectors: itemVectors)
    }

    /// Input channels that sums are kept for.
    var inputChannels: Int {
        convolution.source == .image ? convolution.input.channels : convolution.input.paddedChannels
    }

    /// Values of the sums that are added up afterwards.
    var partialCount: Int {
        let perPair: Int
        switch algorithm {
        case .direct: perPair = convolution.kernel * convolution.kernel
        case .winograd: perPair = Self.winogradPoints
        }
        return slices * convolution.output.paddedChannels * inputChannels * perPair
    }

    var global: NDRange {
        let vectors = convolution.output.paddedChannels / traits.vectorWidth
        switch algorithm {
        case .direct:
            return NDRange(vectors, convolution.source == .image ? 1 : inputChannels / ChannelBlock.size, slices)
        case .winograd(_, let itemVectors): return NDRange(vectors / itemVectors, slices, 1)
        }
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
        let (input, output) = (convolution.input, convolution.output)
        switch algorithm {
        case .direct:
            return ProgramDescriptor(
                .weightGradient, traits,
                [
                    "INPUT_BLOCK": convolution.source == .image ? 1 : ChannelBlock.size,
                    "INPUT_HEIGHT": input.height, "INPUT_WIDTH": input.width,
                    "INPUT_HALO": convolution.source == .image ? convolution.padding : ChannelBlock.halo,
                    "OUTPUT_HEIGHT": output.height, "OUTPUT_WIDTH": output.width,
                    "KERNEL": convolution.kernel, "STRIDE": convolution.stride, "PADDING": convolution.padding,
                    "TILE_INPUTS": tileInputs,
                    "STRIP_ROWS": max(min(Self.stripPixels / output.width, output.height), 1),
                ])
        case .winograd(let chunkTiles, let itemVectors):
            return ProgramDescriptor(
                .winogradWeightGradient, traits,
                [
                    "HEIGHT": output.height, "WIDTH": output.width, "OUTPUT_TILE": Self.outputTile,
                    "CHUNK_TILES": chunkTiles, "ITEM_VECTORS": itemVectors, "TILE_INPUTS": tileInputs,
                ])
        }
    }
}
