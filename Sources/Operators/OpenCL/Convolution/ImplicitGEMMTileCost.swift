/// An estimate of what a tile of an implicit GEMM costs, to choose one without measuring.
///
/// It counts, for one step of the inner extent, multiply-adds, reads of local memory and what is staged there, over all of
/// the groups' items, idle ones included; and it assumes a GPU that wants some thousand items to be busy.
struct ImplicitGEMMTileCost: Comparable {
    let tile: ImplicitGEMMConvolution.Tile
    let cost: Double

    /// Accumulators of an item, in floats, beyond which registers run out and few items run at a time.
    private static let mostAccumulators = 64
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
            for itemPixels in [2, 4, 8] where itemPixels * itemChannels <= max(mostAccumulators, 2 * width) {
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
