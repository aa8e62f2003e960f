/// An estimate of what an implicit GEMM costs with a tile, to choose one without measuring.
struct ImplicitGEMMCost: Comparable {
    let tile: ImplicitGEMMTile
    let seconds: Double
    /// Whether the first stage keeps the whole device at work.
    let fillsDevice: Bool

    private static let splits = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
    /// Groups of a compute unit beyond which sharing tiles gains nothing.
    private static let mostGroups = 8
    /// Bytes of sums that a second stage adds, at most.
    private static let maxPartialBytes = 1 << 25

    init(_ problem: ImplicitGEMMProblem, _ traits: DeviceTraits, _ tile: ImplicitGEMMTile, images: Int) {
        let product = ImplicitGEMM(problem: problem, traits: traits, tile: tile)
        let launches = product.estimates(images: images)
        let units = Double(traits.computeUnits)
        self.tile = tile
        fillsDevice = launches[0].fills(traits)
        var seconds = launches.seconds(on: traits)
        // What the estimate of a launch leaves out: instructions that do not multiply, some units having one group more
        // than others, few items not hiding how long an operation takes, and that tiles read their operands from a cache
        // that has its own limit.
        let first = launches[0]
        let efficiency = Self.efficiency(tile, problem)
        let groupsPerUnit = Double(first.groups) / units
        let balance = groupsPerUnit / groupsPerUnit.rounded(.up)
        let busy = min(1, Double(first.items) / (units * Double(ComputeUnit.busyItems)))
        let computing = 2 * Double(first.multiplyAdds) / (units * ComputeUnit.operationsPerSecond)
        let staged =
            Double(first.multiplyAdds) / Double(tile.groupPixels * tile.groupChannels)
            * Double(tile.groupPixels + tile.groupChannels) * 4
        seconds += max(
            0,
            max(computing / (efficiency * balance * busy), staged / (units * ComputeUnit.cacheBytesPerSecond))
                + ComputeUnit.launchSeconds - first.seconds(on: traits))
        if problem.sumsRows, !product.sumsRows {
            // A launch of its own, of groups with sixteen pixels of a row at once.
            let passes = (problem.output.width + ChannelBlock.size - 1) / ChannelBlock.size
            seconds += ComputeUnit.launchSeconds + Double(passes) * ComputeUnit.passSeconds
        }
        self.seconds = seconds
    }

    /// The share of an item's instructions that multiply, relative to that of a well-filled tile: in a step it also reads
    /// operands from local memory, four values at a time and at half the rate, brings what it stages there, and waits twice.
    private static func efficiency(_ tile: ImplicitGEMMTile, _ problem: ImplicitGEMMProblem) -> Double {
        let multiplying = Double(tile.itemPixels * tile.itemChannels * tile.depth)
        let reading = Double((tile.itemPixels + tile.itemChannels) * tile.depth) / 2
        let staged = Double((tile.groupPixels + tile.groupChannels) * tile.depth) / Double(tile.groupSize)
        let staging = staged * (problem.inputBlock == 1 ? 6 : 2)
        return min(1, multiplying / (multiplying + reading + staging + 30) / 0.8)
    }

    /// The tiles that fit a device's groups, registers and local memory.
    static func candidates(
        _ problem: ImplicitGEMMProblem, _ traits: DeviceTraits, images: Int
    ) -> [ImplicitGEMMCost] {
        tiles(problem, traits, images: images).flatMap { tile -> [ImplicitGEMMCost] in
            let product = ImplicitGEMM(problem: problem, traits: traits, tile: tile)
            let groups = product.global(images: images).count / tile.groupSize
            return splits.compactMap { splits in
                var tile = tile
                tile.splits = splits
                guard splits == 1 || groups * splits <= mostGroups * traits.computeUnits,
                    isUsable(tile, problem, traits, images: images)
                else { return nil }
                return ImplicitGEMMCost(problem, traits, tile, images: images)
            }
        }
    }

    /// Without splits.
    private static func tiles(
        _ problem: ImplicitGEMMProblem, _ traits: DeviceTraits, images: Int
    ) -> [ImplicitGEMMTile] {
        let width = traits.vectorWidth
        var tiles: [ImplicitGEMMTile] = []
        for itemChannels in [width, 2 * width] {
            for itemPixels in [1, 2, 4, 8] {
                for channelItems in [1, 2, 4, 8, 16, 32] where channelItems * itemChannels <= 128 {
                    // Not more than half of a tile for nothing.
                    guard channelItems == 1 || channelItems * itemChannels < 2 * problem.outputChannels else {
                        continue
                    }
                    for pixelItems in [2, 4, 8, 16, 32, 64] where pixelItems * itemPixels <= 256 {
                        for depth in [8, 16, 32] {
                            tiles.append(
                                ImplicitGEMMTile(
                                    groupPixels: itemPixels * pixelItems, groupChannels: itemChannels * channelItems,
                                    depth: depth, itemPixels: itemPixels, itemChannels: itemChannels))
                        }
                    }
                }
            }
        }
        return tiles.filter { isUsable($0, problem, traits, images: images) }
    }

    /// Whether devices of these traits can run a tile well: others were meant for another device.
    static func isUsable(
        _ tile: ImplicitGEMMTile, _ problem: ImplicitGEMMProblem, _ traits: DeviceTraits, images: Int
    ) -> Bool {
        let width = traits.vectorWidth
        guard tile.groupPixels >= 1, tile.groupChannels >= 1, tile.itemPixels >= 1, tile.itemChannels >= 1,
            tile.groupPixels % tile.itemPixels == 0, tile.groupChannels % tile.itemChannels == 0,
            tile.itemChannels % width == 0, tile.depth >= 4, tile.depth % 4 == 0, tile.depth % width == 0,
            problem.supports(depth: tile.depth)
        else { return false }
        // Wide vectors are for other devices than GPUs, and have registers for them.
        let lanes = max(width / 4, 1)
        // Pictures are read one value at a time, and their places take registers.
        let accumulators = problem.inputBlock == 1 ? min(traits.unit.accumulators, 32) : traits.unit.accumulators
        guard tile.itemPixels * tile.itemChannels <= accumulators * lanes,
            (min(32, traits.maxGroupSize)...traits.maxGroupSize).contains(tile.groupSize),
            tile.localMemory <= traits.localMemory
        else { return false }
        let product = ImplicitGEMM(problem: problem, traits: traits, tile: tile)
        guard product.registers <= traits.unit.registersPerItem * lanes else { return false }
        guard tile.splits > 1 else { return tile.splits == 1 }
        let steps = (problem.inner + tile.depth - 1) / tile.depth
        return tile.splits <= min(steps, 32) && product.partialBytes * images <= maxPartialBytes
    }

    /// The tiles for a convolution.
    static func candidates(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int
    ) -> [ImplicitGEMMCost] {
        candidates(ImplicitGEMMProblem(settings), traits, images: images)
    }

    /// The tile of the least cost; nil where the device has too little local memory for any.
    static func best(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int
    ) -> ImplicitGEMMTile? {
        candidates(settings, traits, images: images).min()?.tile
    }

    /// Those that fill the device come first. Of the same cost the tiles decide: the choice is the same every time.
    static func < (first: ImplicitGEMMCost, second: ImplicitGEMMCost) -> Bool {
        guard first.fillsDevice == second.fillsDevice else { return first.fillsDevice }
        guard first.seconds == second.seconds else { return first.seconds < second.seconds }
        let (one, other) = (first.tile, second.tile)
        return (one.splits, one.groupPixels, one.groupChannels, one.itemPixels, one.depth)
            < (other.splits, other.groupPixels, other.groupChannels, other.itemPixels, other.depth)
    }
}
