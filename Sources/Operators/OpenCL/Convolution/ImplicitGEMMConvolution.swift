import Kernels
import OpenCL

/// Convolution as a product of matrices, the left one of which is never stored: work-groups stage tiles of both factors in
/// local memory. Made for GPUs; see ImplicitGEMM.cl.
struct ImplicitGEMMConvolution: ConvolutionDescriptor {
    /// What a work-group and a work-item compute at a time.
    struct Tile: Sendable, Hashable, Codable, CustomStringConvertible {
        /// Pixels of a group.
        var groupPixels: Int
        /// Output channels of a group.
        var groupChannels: Int
        /// Values of the inner extent, input channels times taps, that are staged at a time.
        var depth: Int
        /// Pixels of an item, dividing those of a group.
        var itemPixels: Int
        /// Output channels of an item, dividing those of a group.
        var itemChannels: Int

        var groupSize: Int { groupPixels / itemPixels * (groupChannels / itemChannels) }

        /// Local memory of a group, in bytes.
        var localMemory: Int {
            // Rows of the staged patches stand apart: PATCH_PITCH in ImplicitGEMM.cl.
            (groupPixels * (depth + 4) + depth * groupChannels) * MemoryLayout<Float>.stride
        }

        /// As in "implicit GEMM 64x64x16, 8x4 of 128 items".
        var description: String {
            "implicit GEMM \(groupPixels)x\(groupChannels)x\(depth), \(itemPixels)x\(itemChannels) of \(groupSize) items"
        }
    }

    let settings: FusedConvolutionSettings
    let traits: DeviceTraits
    let tile: Tile

    init(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, _ tile: Tile) {
        self.settings = settings
        self.traits = traits
        self.tile = tile
    }

    /// What is worth measuring, the most promising first; none where the device has too little local memory.
    /// - Parameter images: of a launch, at most.
    static func candidates(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int = 1
    ) -> [ConvolutionAlgorithm] {
        ImplicitGEMMTileCost.candidates(settings, traits, images: images).sorted().prefix(8).map {
            .implicitGEMM($0.tile)
        }
    }

    var supportsHalfStorage: Bool { true }

    /// A tile spans rows: a launch of its own sums them.
    var sumsRows: Bool { false }

    var programs: Set<ProgramDescriptor> { [program] }

    func makeOperation(
        weights: Buffer, bias: Buffer, images: Int, on executor: OpenCLExecutor
    ) throws -> any ConvolutionOperation {
        try ImplicitGEMMOperation(self, weights, bias, on: executor)
    }

    /// With as many rows as whole steps need.
    var packing: WeightPacking {
        .panels(
            width: tile.groupChannels, block: inputBlock,
            inner: (innerCount + tile.depth - 1) / tile.depth * tile.depth)
    }

    private var pixelTiles: Int { (convolution.output.pixels + tile.groupPixels - 1) / tile.groupPixels }
    private var channelTiles: Int { (outputChannels + tile.groupChannels - 1) / tile.groupChannels }

    func global(images: Int) -> NDRange { NDRange(pixelTiles * tile.groupSize, channelTiles, images) }

    var local: NDRange { NDRange(tile.groupSize, 1, 1) }

    var program: ProgramDescriptor {
        ProgramDescriptor(
            .implicitGEMM, traits, shared: convolutionConstants,
            [
                "TILE_M": tile.groupPixels, "TILE_N": tile.groupChannels, "TILE_K": tile.depth,
                "ITEM_M": tile.itemPixels, "ITEM_N": tile.itemChannels,
            ])
    }
}

private final class ImplicitGEMMOperation: ConvolutionOperation {
    private let descriptor: ImplicitGEMMConvolution
    private let kernel: BoundKernel

    init(_ descriptor: ImplicitGEMMConvolution, _ weights: Buffer, _ bias: Buffer, on executor: OpenCLExecutor) throws {
        self.descriptor = descriptor
        kernel = try executor.kernel("implicit_gemm", descriptor.program)
        try kernel.bind(1, weights)
        try kernel.bind(2, bias)
        try kernel.bind(8, descriptor.inputChannels / descriptor.inputBlock)
        try kernel.bind(9, descriptor.outputChannels / ChannelBlock.size)
    }

    var groupsPerImage: Int { descriptor.global(images: 1).count / descriptor.local.count }

    func enqueue(_ launch: ConvolutionLaunch, on executor: OpenCLExecutor) throws {
        try kernel.bind(0, launch.input)
        try kernel.bind(3, launch.output)
        try kernel.bind(4, launch.active.buffer)
        try kernel.bind(5, launch.active.offset)
        try kernel.bind(6, launch.decisions.buffer)
        try kernel.bind(7, launch.decisions.offset)
        try executor.launch(kernel, global: descriptor.global(images: launch.images), local: descriptor.local)
    }
}

// MARK: Costs

/// An estimate of what a tile of an implicit GEMM costs, to choose one without measuring.
///
/// It counts, for one step of the inner extent, multiply-adds, reads of local memory and what is staged there, over all of
/// the groups' items, idle ones included; and it assumes a GPU that wants some thousand items to be busy.
struct ImplicitGEMMTileCost: Comparable {
    let tile: ImplicitGEMMConvolution.Tile
    let cost: Double

    /// Accumulators of an item, in floats, beyond which registers run out and few items run at a time.
    private static let maxAccumulators = 64
    /// A value's way from global to local memory, in multiply-adds.
    private static let stagingCost = 8.0
    /// Work-items that keep a GPU busy.
    private static let busyItems = 8192.0

    init(
        _ settings: FusedConvolutionSettings, _ tile: ImplicitGEMMConvolution.Tile, images: Int
    ) {
        self.tile = tile
        let (pixels, channels) = (settings.convolution.output.pixels, settings.convolution.output.paddedChannels)
        let groups =
            Double((pixels + tile.groupPixels - 1) / tile.groupPixels)
            * Double((channels + tile.groupChannels - 1) / tile.groupChannels) * Double(images)
        let item = Double(tile.itemPixels * tile.itemChannels + tile.itemPixels + tile.itemChannels)
        let staged = Double(tile.groupPixels + tile.groupChannels) * Self.stagingCost
        let items = groups * Double(tile.groupSize)
        cost =
            groups * (Double(tile.groupSize) * item + staged) * max(1, Self.busyItems / items)
            // A barrier before and after each step.
            * (1 + 1 / Double(tile.depth))
    }

    /// The tiles that fit a device's groups and local memory.
    static func candidates(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int
    ) -> [ImplicitGEMMTileCost] {
        let width = traits.vectorWidth
        var costs: [ImplicitGEMMTileCost] = []
        for itemChannels in [width, 2 * width] where itemChannels <= 16 {
            for itemPixels in [2, 4, 8] where itemPixels * itemChannels <= max(maxAccumulators, 2 * width) {
                for channelItems in [2, 4, 8, 16] where channelItems * itemChannels <= 128 {
                    for pixelItems in [4, 8, 16, 32] {
                        for depth in [8, 16] where depth % width == 0 {
                            let tile = ImplicitGEMMConvolution.Tile(
                                groupPixels: itemPixels * pixelItems, groupChannels: itemChannels * channelItems,
                                depth: depth, itemPixels: itemPixels, itemChannels: itemChannels)
                            guard tile.groupSize >= min(64, traits.maxGroupSize), tile.groupSize <= traits.maxGroupSize,
                                tile.localMemory <= traits.localMemory
                            else { continue }
                            costs.append(ImplicitGEMMTileCost(settings, tile, images: images))
                        }
                    }
                }
            }
        }
        return costs
    }

    /// The tile of the least cost; nil where the device has too little local memory for any.
    static func best(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int
    ) -> ImplicitGEMMConvolution.Tile? {
        candidates(settings, traits, images: images).min()?.tile
    }

    /// By cost, and where it is the same by size: the choice is the same every time.
    static func < (first: ImplicitGEMMTileCost, second: ImplicitGEMMTileCost) -> Bool {
        (first.cost, first.tile.groupPixels, first.tile.groupChannels, first.tile.itemPixels)
            < (second.cost, second.tile.groupPixels, second.tile.groupChannels, second.tile.itemPixels)
    }
}
