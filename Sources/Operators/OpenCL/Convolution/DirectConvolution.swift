import Kernels
import OpenCL

/// Direct convolution: work-items keep a tile of sums in registers, and read the input where it lies.
struct DirectConvolution: ConvolutionDescriptor {
    /// The sums that a work-item keeps in registers.
    struct Tile: Sendable, Hashable, Codable {
        var rows: Int
        /// Pixels of a row.
        var pixels: Int
        /// Vectors of output channels.
        var vectors: Int
    }

    let settings: FusedConvolutionSettings
    let traits: DeviceTraits
    let tile: Tile

    init(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, _ tile: Tile) {
        self.settings = settings
        self.traits = traits
        self.tile = tile
    }

    var channelsPerItem: Int { traits.vectorWidth * tile.vectors }
    var rowTiles: Int { (convolution.output.width + tile.pixels - 1) / tile.pixels }

    var supportsHalfStorage: Bool { true }

    /// Whether a work-item has a whole row, and can sum it.
    var sumsRows: Bool { settings.sumsRows && itemTiles == rowTiles }

    /// Where groups have many items, these are filled by tiles rather than by rows.
    var itemTiles: Int { traits.groupSize == 1 ? rowTiles : 1 }

    var programs: Set<ProgramDescriptor> { [program] }

    func makeOperation(
        _ weights: ConvolutionWeights, images: Int, on backend: OpenCLBackend
    ) throws -> any ConvolutionOperation {
        try DirectConvolutionOperation(self, weights, on: backend)
    }

    private var rowItems: Int { (rowTiles + itemTiles - 1) / itemTiles }

    func global(images: Int) -> NDRange {
        let items = (convolution.output.height + tile.rows - 1) / tile.rows * rowItems
        let group = traits.groupSize
        return NDRange((items + group - 1) / group * group, outputChannels / channelsPerItem, images)
    }

    var local: NDRange { NDRange(traits.groupSize, 1, 1) }

    var program: ProgramDescriptor {
        ProgramDescriptor(
            .convolution, traits, shared: convolutionConstants,
            [
                "ROW_SUMS": sumsRows ? 1 : 0,
                "TILE_ROWS": tile.rows, "TILE_PIXELS": tile.pixels, "TILE_VECTORS": tile.vectors,
                "ITEM_TILES": itemTiles,
                "GROUP_SIZE": traits.groupSize,
            ])
    }
}

private final class DirectConvolutionOperation: ConvolutionOperation {
    private let descriptor: DirectConvolution
    private let kernel: BoundKernel

    init(_ descriptor: DirectConvolution, _ weights: ConvolutionWeights, on backend: OpenCLBackend) throws {
        self.descriptor = descriptor
        kernel = BoundKernel(try backend.runtime.programs.kernel("convolution", descriptor.program))
        let (width, inner) = (descriptor.channelsPerItem, descriptor.innerCount)
        let panels = try backend.stored(count: descriptor.panelCount(width: width, inner: inner)) {
            descriptor.packPanels(weights.weights, width: width, inner: inner, into: $0)
        }
        try kernel.bind(1, panels)
        try kernel.bind(2, try backend.constant(descriptor.packed(bias: weights.bias)))
        try kernel.bind(9, Int32(descriptor.inputChannels / descriptor.inputBlock))
        try kernel.bind(10, Int32(descriptor.outputChannels / ChannelBlock.size))
    }

    var groupsPerImage: Int { descriptor.global(images: 1).count / descriptor.local.count }

    func enqueue(_ launch: ConvolutionLaunch, on backend: OpenCLBackend) throws {
        try kernel.bind(0, launch.input.values)
        try kernel.bind(3, launch.output.values)
        try kernel.bind(4, backend.rowSums(launch.output, needed: descriptor.settings.sumsRows))
        try kernel.bind(5, launch.active.buffer)
        try kernel.bind(6, launch.active.offset)
        try kernel.bind(7, launch.decisions.open)
        try kernel.bind(8, Int32((launch.gate ?? 0) * launch.decisions.capacity))
        try backend.queue.enqueue(
            kernel.kernel, global: descriptor.global(images: launch.images), local: descriptor.local)
    }
}
