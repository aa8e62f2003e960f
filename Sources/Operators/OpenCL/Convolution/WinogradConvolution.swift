import Kernels
import OpenCL

/// Winograd convolution F(m x m, 3 x 3), see Winograd.cl: for 3 x 3 kernels of stride 1, on devices where a core runs a
/// work-group by itself.
struct WinogradConvolution: ConvolutionDescriptor {
    /// How the output is shared out.
    struct Tile: Sendable, Hashable, Codable {
        /// m, the side of an output tile: 2 or 4.
        var outputTile: Int
        /// Tiles of an image that a work-item takes.
        var itemTiles: Int
        /// Images that a work-item takes at once; beyond one, it takes all tiles of each.
        var itemImages: Int
        /// Tiles whose products are summed in registers.
        var registerTiles: Int
        /// Vectors of output channels whose products are summed in registers.
        var vectors: Int
        /// Work-items that share the output channels of the same tiles, each of which transforms the input anew.
        var shares: Int
    }

    let settings: FusedConvolutionSettings
    let traits: DeviceTraits
    let tile: Tile

    init(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, _ tile: Tile) {
        self.settings = settings
        self.traits = traits
        self.tile = tile
    }

    /// Whether there is a Winograd convolution for a convolution on devices of these traits.
    static func supports(_ convolution: ConvolutionSettings, _ traits: DeviceTraits) -> Bool {
        convolution.source == .features && convolution.kernel == 3 && convolution.stride == 1
            && convolution.padding == 1
            && traits.groupSize == 1
    }

    /// Products of a tile: (m + 2)^2.
    var points: Int { (tile.outputTile + 2) * (tile.outputTile + 2) }
    var tileColumns: Int { (convolution.output.width + tile.outputTile - 1) / tile.outputTile }
    var tileCount: Int { (convolution.output.height + tile.outputTile - 1) / tile.outputTile * tileColumns }
    var stepChannels: Int { traits.vectorWidth * tile.vectors }

    /// Places for tiles in a work-item's scratch memory.
    private var places: Int {
        let tiles = tile.itemImages * tile.itemTiles
        return (tiles + tile.registerTiles - 1) / tile.registerTiles * tile.registerTiles
    }

    /// Bytes of local memory.
    var scratchBytes: Int {
        let perPoint = places * (inputChannels + stepChannels) + 2 * ChannelBlock.size
        return points * perPoint * MemoryLayout<Float>.stride
    }

    /// A work-item that has whole rows of tiles can sum them.
    var sumsRows: Bool {
        settings.sumsRows && (tile.itemTiles % tileColumns == 0 || tile.itemTiles >= tileCount)
    }

    func global(images: Int) -> NDRange {
        NDRange(
            (tileCount + tile.itemTiles - 1) / tile.itemTiles, tile.shares,
            (images + tile.itemImages - 1) / tile.itemImages)
    }

    var supportsHalfStorage: Bool { tile.outputTile == 2 }

    var programs: Set<ProgramDescriptor> { [program] }

    var program: ProgramDescriptor {
        ProgramDescriptor(
            .winograd, traits,
            [
                "HEIGHT": convolution.output.height, "WIDTH": convolution.output.width,
                "ACTIVATION": settings.activationConstant,
                "RESIDUAL": settings.addsToOutput ? 1 : 0, "ROW_SUMS": sumsRows ? 1 : 0,
                "OUTPUT_TILE": tile.outputTile, "ITEM_TILES": tile.itemTiles, "ITEM_IMAGES": tile.itemImages,
                "REGISTER_TILES": tile.registerTiles, "TILE_VECTORS": tile.vectors,
            ])
    }

    var packing: WeightPacking { .winograd(outputTile: tile.outputTile, step: stepChannels) }

    func makeOperation(
        weights: Buffer, bias: Buffer, images: Int, on executor: OpenCLExecutor
    ) throws -> any ConvolutionOperation {
        try WinogradConvolutionOperation(self, weights, bias, on: executor)
    }
}

private final class WinogradConvolutionOperation: ConvolutionOperation {
    private let descriptor: WinogradConvolution
    private let kernel: BoundKernel

    init(_ descriptor: WinogradConvolution, _ weights: Buffer, _ bias: Buffer, on executor: OpenCLExecutor) throws {
        self.descriptor = descriptor
        kernel = try executor.kernel("winograd", descriptor.program)
        try kernel.bind(1, weights)
        try kernel.bind(2, bias)
        try kernel.bind(10, descriptor.inputChannels / ChannelBlock.size)
        try kernel.bind(11, descriptor.outputChannels / ChannelBlock.size)
        try kernel.bind(12, LocalMemory(byteCount: descriptor.scratchBytes))
    }

    var groupsPerImage: Int { max(descriptor.global(images: 1).count / descriptor.tile.itemImages, 1) }

    func enqueue(_ launch: ConvolutionLaunch, on executor: OpenCLExecutor) throws {
        try kernel.bind(0, launch.input)
        try kernel.bind(3, launch.output)
        try kernel.bind(4, launch.rowSums)
        try kernel.bind(5, launch.active.buffer)
        try kernel.bind(6, launch.active.offset)
        try kernel.bind(7, launch.images)
        try kernel.bind(8, launch.decisions.buffer)
        try kernel.bind(9, launch.decisions.offset)
        try executor.launch(kernel, global: descriptor.global(images: launch.images), local: NDRange(1, 1, 1))
    }
}

// MARK: Costs

/// An estimate of what a Winograd convolution costs, to choose a tile without measuring, and to weigh it against direct
/// convolution; in the cycles of ``DirectTileCost``.
struct WinogradCost {
    let tile: WinogradConvolution.Tile
    /// Cycles of a launch.
    let cycles: Double

    /// Fewer tiles in registers would leave multiply-adds waiting for each other.
    private static let minAccumulators = 8

    /// The tiles that fit registers and local memory, for launches of up to so many images; best first.
    static func candidates(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int
    ) -> [WinogradCost] {
        guard WinogradConvolution.supports(settings.convolution, traits) else { return [] }
        // With 32 registers (AVX-512) a multiply-add takes its value straight from memory; but where sums fill all of them,
        // compilers keep some in memory, at a third of the speed.
        let valueRegisters = traits.vectorRegisters >= 32 ? 4 : 1
        var found: [WinogradCost] = []
        // F(4x4) multiplies what halves have rounded off.
        for outputTile in traits.storage == .half ? [2] : [2, 4] {
            for vectors in [1, 2, 4]
            where settings.convolution.output.paddedChannels % (traits.vectorWidth * vectors) == 0 {
                let most = (traits.vectorRegisters - vectors - valueRegisters) / vectors
                guard most >= 1 else { continue }
                for registerTiles in 1...most where registerTiles * vectors >= min(minAccumulators, most * vectors) {
                    for shares in Set([1, traits.computeUnits]) {
                        found += itemSizes(settings, images, outputTile, registerTiles).compactMap { size in
                            let tile = WinogradConvolution.Tile(
                                outputTile: outputTile, itemTiles: size.tiles, itemImages: size.images,
                                registerTiles: registerTiles, vectors: vectors, shares: shares)
                            return WinogradCost(WinogradConvolution(settings, traits, tile), images: images)
                        }
                    }
                }
            }
        }
        // Ties in an order of their own: that of sets differs from one to the next, and with it the kernel would, and in the
        // end the bits of results.
        return found.sorted { first, second in
            first.cycles == second.cycles
                ? first.tile.order.lexicographicallyPrecedes(second.tile.order) : first.cycles < second.cycles
        }
    }

    /// How many tiles of how many images a work-item may take.
    private static func itemSizes(
        _ settings: FusedConvolutionSettings, _ images: Int, _ outputTile: Int, _ registerTiles: Int
    ) -> [(tiles: Int, images: Int)] {
        let columns = (settings.convolution.output.width + outputTile - 1) / outputTile
        let count = (settings.convolution.output.height + outputTile - 1) / outputTile * columns
        // Whole rows, which can be summed, or whole register tiles.
        let parts = (1...4).map { $0 * registerTiles } + [columns, 2 * columns, 4 * columns]
        let ofOneImage = Set(parts.filter { $0 < count } + [count]).map { (tiles: $0, images: 1) }
        let ofMany = [2, 4, 8, 16, 32].filter { $0 <= images && $0 * count <= 64 }.map { (tiles: count, images: $0) }
        return ofOneImage + ofMany
    }

    /// Nil where it does not fit.
    private init?(_ descriptor: WinogradConvolution, images: Int) {
        let (settings, traits, tile) = (descriptor.settings, descriptor.traits, descriptor.tile)
        guard descriptor.scratchBytes <= traits.localMemory else { return nil }
        let steps = descriptor.outputChannels / descriptor.stepChannels
        guard tile.shares <= steps else { return nil }

        let global = descriptor.global(images: images)
        let items = Double(global.count)
        // An image's last item may have fewer tiles; whole register tiles are multiplied in any case.
        let together = min(tile.itemImages, images)
        let itemTiles = min(tile.itemTiles, descriptor.tileCount)
        let (wholeItems, rest) = descriptor.tileCount.quotientAndRemainder(dividingBy: itemTiles)
        func registerTiles(_ tiles: Int) -> Int { (tiles + tile.registerTiles - 1) / tile.registerTiles }
        let itemsOfImage = Double(wholeItems + (rest > 0 ? 1 : 0))
        let places = Double(descriptor.tileCount * together) / itemsOfImage
        let parts =
            Double(wholeItems * registerTiles(itemTiles * together) + registerTiles(rest * together)) / itemsOfImage
        let accumulators = Double(tile.registerTiles * tile.vectors)
        let perChannel = max(accumulators / 2, (accumulators + Double(tile.vectors)) / 2, DirectTileCost.latencyCycles)
        // Sums are set to zero and stored, and the loops begun and left.
        let perPart = Double(descriptor.inputChannels) * perChannel + accumulators + 40
        let stepsOfItem = Double(steps) / Double(tile.shares)
        let products = stepsOfItem * Double(descriptor.points) * parts * perPart

        let vectors = (
            input: Double(descriptor.inputChannels / traits.vectorWidth),
            output: Double(descriptor.outputChannels / traits.vectorWidth) / Double(tile.shares)
        )
        let transform: (input: Double, output: Double) = tile.outputTile == 4 ? (300, 250) : (120, 90)
        let transforms = places * (vectors.input * transform.input + vectors.output * transform.output)

        let bytes = Double(descriptor.inputChannels * descriptor.outputChannels * descriptor.points * 4)
        let streaming = MemoryCost(bytes: bytes / Double(tile.shares), repeats: items / Double(traits.computeUnits))
        // Only the first register tile waits for weights.
        let hidden = products / parts
        let item = max(streaming.cycles, hidden) + products - hidden + 0.15 * streaming.cycles + transforms
        let rounds = max((items / Double(traits.computeUnits)).rounded(.up), 1)
        let idle = settings.sumsRows && !descriptor.sumsRows ? MemoryCost.launchCycles : 0
        self.tile = tile
        cycles = item * (rounds <= 2 ? rounds : items / Double(traits.computeUnits)) + idle
    }
}

extension WinogradConvolution.Tile {
    /// Tells all tiles apart.
    fileprivate var order: [Int] { [outputTile, vectors, registerTiles, shares, itemTiles, itemImages] }
}
