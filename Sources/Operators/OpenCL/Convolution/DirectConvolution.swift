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
        weights: Buffer, bias: Buffer, images: Int, on executor: OpenCLExecutor
    ) throws -> any ConvolutionOperation {
        try DirectConvolutionOperation(self, weights, bias, on: executor)
    }

    var packing: WeightPacking { .panels(width: channelsPerItem, block: inputBlock, inner: innerCount) }

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

    init(_ descriptor: DirectConvolution, _ weights: Buffer, _ bias: Buffer, on executor: OpenCLExecutor) throws {
        self.descriptor = descriptor
        kernel = try executor.kernel("convolution", descriptor.program)
        try kernel.bind(1, weights)
        try kernel.bind(2, bias)
        try kernel.bind(9, descriptor.inputChannels / descriptor.inputBlock)
        try kernel.bind(10, descriptor.outputChannels / ChannelBlock.size)
    }

    var groupsPerImage: Int { descriptor.global(images: 1).count / descriptor.local.count }

    func enqueue(_ launch: ConvolutionLaunch, on executor: OpenCLExecutor) throws {
        try kernel.bind(0, launch.input)
        try kernel.bind(3, launch.output)
        try kernel.bind(4, launch.rowSums)
        try kernel.bind(5, launch.active.buffer)
        try kernel.bind(6, launch.active.offset)
        try kernel.bind(7, launch.decisions.buffer)
        try kernel.bind(8, launch.decisions.offset)
        try executor.launch(kernel, global: descriptor.global(images: launch.images), local: descriptor.local)
    }
}

// MARK: Costs

/// An estimate of what a tile costs, to choose one without measuring.
///
/// A core is taken to start two multiply-adds and two loads per cycle, and to have a result four cycles later: so a tile
/// needs eight accumulators to hide the latency, and more multiply-adds than loads.
struct DirectTileCost: Comparable {
    let tileRows: Int
    let tilePixels: Int
    let tileVectors: Int
    /// Cycles for one input channel and tap of a whole feature map.
    let cycles: Double
    /// Tiles of the feature map: each reads its weights once more.
    let tiles: Int
    let loadsPerMultiply: Double

    /// Pixels of the largest tile, and vectors of the widest.
    private static let largest = 28
    private static let widest = 4
    static let latencyCycles = 4.0

    init(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, tileRows: Int, tilePixels: Int, tileVectors: Int)
    {
        let (height, width) = (settings.convolution.output.height, settings.convolution.output.width)
        func tileCycles(_ pixels: Int) -> Double {
            guard pixels > 0 else { return 0 }
            return max(Double(pixels * tileVectors) / 2, Double(pixels + tileVectors) / 2, Self.latencyCycles)
        }
        func rowCycles(_ rows: Int) -> Double {
            Double(width / tilePixels) * tileCycles(rows * tilePixels) + tileCycles(rows * (width % tilePixels))
        }
        let groups = settings.convolution.output.paddedChannels / (traits.vectorWidth * tileVectors)
        self.tileRows = tileRows
        self.tilePixels = tilePixels
        self.tileVectors = tileVectors
        cycles = Double(groups) * (Double(height / tileRows) * rowCycles(tileRows) + rowCycles(height % tileRows))
        tiles = (height + tileRows - 1) / tileRows * ((width + tilePixels - 1) / tilePixels)
        loadsPerMultiply =
            Double(tileRows * tilePixels + tileVectors) / Double(tileRows * tilePixels * tileVectors)
    }

    /// The tiles whose accumulators, weights and value fit the registers.
    static func candidates(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits) -> [DirectTileCost] {
        // With 32 registers (AVX-512) a multiply-add takes its value straight from memory.
        let valueRegisters = traits.vectorRegisters >= 32 ? 0 : 1
        let (height, width) = (settings.convolution.output.height, settings.convolution.output.width)
        return (1...widest).flatMap { vectors -> [DirectTileCost] in
            let channels = traits.vectorWidth * vectors
            // Whole blocks of channels, or whole parts of one.
            guard settings.convolution.output.paddedChannels % channels == 0,
                channels % ChannelBlock.size == 0 || ChannelBlock.size % channels == 0
            else { return [] }
            return (1...min(largest, width)).flatMap { pixels -> [DirectTileCost] in
                // Several rows only where a tile has the whole width, and more room still.
                let maxRows = pixels == width && traits.groupSize == 1 ? min(largest / pixels, height) : 1
                return (1...maxRows).compactMap { rows in
                    guard rows * pixels * vectors + vectors + valueRegisters <= traits.vectorRegisters else {
                        return nil
                    }
                    return DirectTileCost(settings, traits, tileRows: rows, tilePixels: pixels, tileVectors: vectors)
                }
            }
        }
    }

    var tile: DirectConvolution.Tile {
        DirectConvolution.Tile(rows: tileRows, pixels: tilePixels, vectors: tileVectors)
    }

    /// Cycles of a launch.
    func launchCycles(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int) -> Double {
        let descriptor = DirectConvolution(settings, traits, tile)
        let taps = descriptor.inputChannels * settings.convolution.kernel * settings.convolution.kernel
        let units = Double(traits.computeUnits)
        let weights = MemoryCost(
            bytes: Double(taps * descriptor.outputChannels) * 4 / units, repeats: Double(images))
        return Double(images) * (cycles * Double(taps) / units + 0.15 * weights.cycles)
    }

    static func < (first: DirectTileCost, second: DirectTileCost) -> Bool {
        (first.cycles, first.tiles, first.loadsPerMultiply)
            < (second.cycles, second.tiles, second.loadsPerMultiply)
    }
}

/// An estimate of what reading weights costs a core, in the cycles of ``DirectTileCost``.
struct MemoryCost {
    /// A launch of a kernel takes some microseconds.
    static let launchCycles = 10_000.0

    /// Cycles for each time that the weights are read.
    let cycles: Double

    private static let memoryBytesPerCycle = 8.0
    private static let cacheBytesPerCycle = 32.0
    /// What stays in a core's own cache beside the input.
    private static let coreCache = 768.0 * 1024

    /// - Parameter repeats: how often a core reads the same weights. Only the first time they come from memory, if at all.
    init(bytes: Double, repeats: Double) {
        // Networks with layers as small as that are small: all of their weights stay in the last cache.
        let first = bytes / (bytes > Self.coreCache ? Self.memoryBytesPerCycle : Self.cacheBytesPerCycle)
        let again = bytes > Self.coreCache ? bytes / Self.cacheBytesPerCycle : 0
        let repeats = max(repeats, 1)
        cycles = (first + again * (repeats - 1)) / repeats
    }
}
