import Kernels
import OpenCL

/// The gradient of a convolution's weights as a product of matrices, by WeightGradientGEMM.cl: for devices whose work-items run
/// side by side.
final class WeightGradientGEMM {
    private let convolution: ConvolutionSettings
    private let images: Int
    /// The tile in use, and smaller ones, in case that a kernel takes too many registers for its group.
    private var tiles: [WeightGradientTile]
    private var sums: BoundKernel
    private var total: BoundKernel

    /// - Parameter images: of a launch, at most.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)``, `OpenCLError`.
    init(_ convolution: ConvolutionSettings, images: Int, on executor: OpenCLExecutor) throws {
        self.convolution = convolution
        self.images = images
        tiles = WeightGradientTile.choices(convolution, executor.traits)
        let program = tiles[0].program(convolution, executor.traits)
        sums = try executor.kernel("weight_gradient_gemm", program)
        total = try executor.kernel("weight_gradient_reduce", program)
        _ = try partial(on: executor)
    }

    /// - Parameters:
    ///   - input: x
    ///   - gradient: g(y)
    ///   - result: where the gradients of all parameters lie.
    ///   - first: where the convolution's weights begin among them.
    func enqueue(
        _ input: Buffer, _ gradient: Buffer, to result: Buffer, first: Int, images: Int, on executor: OpenCLExecutor
    ) throws {
        while tiles.count > 1, try sums.kernel().workGroupSize < tiles[0].groupSize {
            tiles.removeFirst()
            let program = tiles[0].program(convolution, executor.traits)
            sums = BoundKernel("weight_gradient_gemm", program, executor.programs)
            total = BoundKernel("weight_gradient_reduce", program, executor.programs)
        }
        let tile = tiles[0]
        let slices = tile.slices(convolution, executor.traits, images: self.images)
        let partial = try partial(on: executor)
        let columnGroups = tile.columnGroups(convolution)
        try sums.bind([
            .buffer(input), .buffer(gradient), .buffer(partial), .integer(images), .integer(slices),
        ])
        try executor.launch(
            sums,
            global: NDRange(
                columnGroups * tile.groupSize, convolution.output.paddedChannels / tile.outputs, slices),
            local: NDRange(tile.groupSize, 1, 1))

        let columns = columnGroups * tile.columns
        // Work-items that share the slices of four columns.
        let shares = slices >= 64 ? 16 : slices >= 8 ? 4 : 1
        let items = try executor.groupSize(total, most: shares > 4 ? 256 : 64)
        let usedShares = min(shares, items)
        let vectors = items / usedShares
        try executor.launchGroups(
            total, NDRange((columns / 4 + vectors - 1) / vectors, convolution.outputChannels), items: items,
            .buffer(partial), .buffer(result), .integer(first), .integer(slices), .integer(usedShares),
            .integer(convolution.input.channels), .integer(columns))
    }

    /// Room for the sums of all slices.
    private func partial(on executor: OpenCLExecutor) throws -> Buffer {
        let tile = tiles[0]
        let values =
            tile.slices(convolution, executor.traits, images: images) * convolution.output.paddedChannels
            * tile.columnGroups(convolution) * tile.columns
        return try executor.scratch(byteCount: values * MemoryLayout<Float>.stride)
    }
}

/// What a group of WeightGradientGEMM.cl computes.
struct WeightGradientTile: Hashable {
    /// Output channels.
    let outputs: Int
    /// Pairs of an input channel and a tap.
    let columns: Int
    /// Output channels of a work-item, for four columns.
    let itemOutputs: Int

    /// Pixels that are in local memory at once.
    private static let chunk = 16
    /// Groups to have for each that can run at once.
    private static let groupsPerUnit = 4
    /// Pixels of a slice, at least: fewer cost more to add up than they save.
    private static let minPixels = 64
    /// And at most. Drivers that end loops after 65,535 passes add these up whole.
    private static let maxPixels = 1 << 14

    var groupSize: Int { outputs / itemOutputs * (columns / 4) }

    private var localBytes: Int { Self.chunk * (outputs + columns) * MemoryLayout<Float>.stride }

    /// Tiles that a device has room for, the best first.
    static func choices(_ convolution: ConvolutionSettings, _ traits: DeviceTraits) -> [WeightGradientTile] {
        let all = [
            WeightGradientTile(outputs: 64, columns: 64, itemOutputs: 8),
            WeightGradientTile(outputs: 32, columns: 64, itemOutputs: 4),
            WeightGradientTile(outputs: 32, columns: 64, itemOutputs: 8),
            WeightGradientTile(outputs: 16, columns: 64, itemOutputs: 4),
            WeightGradientTile(outputs: 16, columns: 32, itemOutputs: 4),
            smallest,
        ]
        let fitting = all.filter {
            convolution.output.paddedChannels % $0.outputs == 0 && $0.groupSize <= traits.maxGroupSize
                && $0.localBytes <= traits.localMemory
        }
        return fitting.isEmpty ? [smallest] : fitting
    }

    private static let smallest = WeightGradientTile(outputs: 16, columns: 16, itemOutputs: 4)

    /// Whether the device has room for any.
    static func fits(_ traits: DeviceTraits) -> Bool {
        traits.hasLanes && traits.maxGroupSize >= smallest.groupSize && traits.localMemory >= smallest.localBytes
    }

    func columnGroups(_ convolution: ConvolutionSettings) -> Int {
        let count = Self.inputChannels(convolution) * convolution.kernel * convolution.kernel
        return (count + columns - 1) / columns
    }

    /// Parts of the pixels that are summed by themselves.
    /// - Parameter images: of a step, at most.
    func slices(_ convolution: ConvolutionSettings, _ traits: DeviceTraits, images: Int) -> Int {
        let pixels = convolution.output.pixels * images
        let groups = convolution.output.paddedChannels / outputs * columnGroups(convolution)
        let wanted = (Self.groupsPerUnit * traits.computeUnits + groups - 1) / groups
        let most = max(pixels / Self.minPixels, 1)
        return max(min(wanted, most), (pixels + Self.maxPixels - 1) / Self.maxPixels)
    }

    private static func inputChannels(_ convolution: ConvolutionSettings) -> Int {
        convolution.source == .image ? convolution.input.channels : convolution.input.paddedChannels
    }

    func program(_ convolution: ConvolutionSettings, _ traits: DeviceTraits) -> ProgramDescriptor {
        let (input, output) = (convolution.input, convolution.output)
        let isImage = convolution.source == .image
        return ProgramDescriptor(
            .weightGradientGEMM, traits,
            [
                "INPUT_BLOCK": isImage ? 1 : ChannelBlock.size, "INPUT_HEIGHT": input.height,
                "INPUT_WIDTH": input.width, "INPUT_HALO": isImage ? convolution.padding : ChannelBlock.halo,
                "OUTPUT_HEIGHT": output.height, "OUTPUT_WIDTH": output.width, "KERNEL": convolution.kernel,
                "STRIDE": convolution.stride, "PADDING": convolution.padding,
                "INPUT_CHANNELS": Self.inputChannels(convolution), "OUTPUT_CHANNELS": output.paddedChannels,
                "GROUP_OUTPUTS": outputs, "GROUP_COLUMNS": columns, "ITEM_OUTPUTS": itemOutputs, "CHUNK": Self.chunk,
            ])
    }
}
