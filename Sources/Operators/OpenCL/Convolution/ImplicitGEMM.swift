import Kernels
import OpenCL

/// What a work-group and a work-item of an implicit GEMM compute at a time.
struct ImplicitGEMMTile: Sendable, Hashable, Codable, CustomStringConvertible {
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
    /// Groups that share the inner extent of a tile; where they are several, a second launch adds what each has summed.
    var splits = 1

    var groupSize: Int { groupPixels / itemPixels * (groupChannels / itemChannels) }

    /// Local memory of a group, in bytes.
    var localMemory: Int {
        // Rows of the staged patches stand apart: PATCH_PITCH in ImplicitGEMM.cl.
        (groupPixels * (depth + 4) + depth * groupChannels) * MemoryLayout<Float>.stride
    }

    /// As in "implicit GEMM 64x64x16, 8x4 of 128 items, 4 splits".
    var description: String {
        "implicit GEMM \(groupPixels)x\(groupChannels)x\(depth), \(itemPixels)x\(itemChannels) of \(groupSize) items"
            + (splits > 1 ? ", \(splits) splits" : "")
    }
}

/// A problem with a tile for devices of certain traits: programs, launches and memory follow.
struct ImplicitGEMM: Sendable, Hashable {
    let problem: ImplicitGEMMProblem
    let traits: DeviceTraits
    let tile: ImplicitGEMMTile

    /// Items of a group of the second stage.
    private static let reducingItems = 64

    var sumsRows: Bool { problem.sumsRows && tile.splits > 1 }

    var program: ProgramDescriptor {
        ProgramDescriptor(
            .implicitGEMM, traits, shared: problem.constants,
            [
                "ROW_SUMS": sumsRows ? 1 : 0,
                "TILE_M": tile.groupPixels, "TILE_N": tile.groupChannels, "TILE_K": tile.depth,
                "ITEM_M": tile.itemPixels, "ITEM_N": tile.itemChannels, "SPLITS": tile.splits,
                "REDUCE_ITEMS": reduceLocal.count, "REDUCE_PIXELS": sumsRows ? rowStep : 1,
            ])
    }

    /// With as many rows as whole steps need.
    var packing: WeightPacking {
        .panels(
            width: tile.groupChannels, block: problem.inputBlock, inner: problem.packedInner(depth: tile.depth))
    }

    // MARK: Launches

    func global(images: Int) -> NDRange {
        let pixelTiles = (problem.tiledPixels + tile.groupPixels - 1) / tile.groupPixels
        let channelTiles = (problem.outputChannels + tile.groupChannels - 1) / tile.groupChannels
        return NDRange(pixelTiles * problem.remainders * tile.splits * tile.groupSize, channelTiles, images)
    }

    var local: NDRange { NDRange(tile.groupSize, 1, 1) }

    /// Of the second stage.
    func reduceGlobal(images: Int) -> NDRange {
        let places = sumsRows ? problem.output.height : problem.output.pixels
        let items = places * problem.outputChannels / traits.vectorWidth
        let group = reduceLocal.count
        return NDRange((items + group - 1) / group * group, 1, images)
    }

    /// Pixels of a row that the second stage reads together.
    private var rowStep: Int { max(1, 8 / tile.splits) }

    var reduceLocal: NDRange { NDRange(min(Self.reducingItems, traits.maxGroupSize), 1, 1) }

    var groupsPerImage: Int {
        global(images: 1).count / local.count
            + (tile.splits > 1 ? reduceGlobal(images: 1).count / reduceLocal.count : 0)
    }

    /// Bytes of the sums of each split, for each image.
    var partialBytes: Int {
        tile.splits > 1
            ? tile.splits * problem.output.pixels * problem.outputChannels * MemoryLayout<Float>.stride : 0
    }

    // MARK: Estimates

    /// Steps of the inner extent, of a group that has most of them.
    private var steps: Int {
        let all = (problem.inner + tile.depth - 1) / tile.depth
        return (all + tile.splits - 1) / tile.splits
    }

    /// Registers of an item: accumulators, operands of four steps of the inner extent, and what is on its way to local
    /// memory; and what compilers were seen to use for addresses.
    var registers: Int {
        let width = traits.vectorWidth
        let patch = (tile.groupPixels * tile.depth + tile.groupSize - 1) / tile.groupSize
        let panel = (tile.depth * tile.groupChannels + tile.groupSize - 1) / tile.groupSize
        // Loads of plain patches differ by an offset; places in pictures, and those that are looked for backward, do not.
        let isPlain = problem.inputBlock > 1 && !problem.isBackward
        let loads = (problem.inputBlock == 1 ? patch : (patch + width - 1) / width) * (isPlain ? 1 : 4)
        let operands = tile.itemPixels * (tile.itemChannels + 4) + tile.itemChannels
        return operands + patch + panel + loads + max(0, patch + panel - 16) * 4 / 3 + 24
    }

    /// Of the launches for so many images.
    func estimates(images: Int) -> [LaunchEstimate] {
        let stored = traits.storage == .half ? MemoryLayout<Float16>.stride : MemoryLayout<Float>.stride
        let groups = global(images: images).count / local.count
        // Parts see different numbers of taps: together as many as a kernel has.
        let innerOfAll =
            problem.isBackward
            ? problem.innerOfAll : (problem.inner + tile.depth - 1) / tile.depth * tile.depth
        let input = problem.inputChannels * problem.input.pixels * (problem.inputBlock == 1 ? 4 : stored)
        let weights = problem.innerOfAll * problem.outputChannels * stored
        let output = problem.output.pixels * problem.outputChannels * stored * (problem.addsToOutput ? 2 : 1)
        let product = LaunchEstimate(
            kernel: "implicit_gemm", groups: groups, groupSize: tile.groupSize, registers: registers,
            localMemory: tile.localMemory,
            multiplyAdds: groups / tile.splits / problem.remainders * tile.groupPixels * tile.groupChannels
                * innerOfAll,
            bytes: weights + images * (input + (tile.splits > 1 ? partialBytes : output)), passes: steps)
        guard tile.splits > 1 else { return [product] }
        let rows = sumsRows ? (problem.output.width + rowStep - 1) / rowStep : 1
        let reduction = LaunchEstimate(
            kernel: "implicit_gemm_reduce", groups: reduceGlobal(images: images).count / reduceLocal.count,
            groupSize: reduceLocal.count, registers: 40, localMemory: 0, multiplyAdds: 0,
            bytes: images * (partialBytes + output), passes: rows * ((tile.splits + 7) / 8))
        return [product, reduction]
    }
}

/// The kernels of an implicit GEMM with their weights, ready to be launched.
final class ImplicitGEMMLaunches {
    private let product: ImplicitGEMM
    private let kernel: BoundKernel
    /// The second stage; nil where a group has the whole inner extent.
    private let reduce: BoundKernel?

    /// - Parameter images: of a launch, at most.
    init(_ product: ImplicitGEMM, weights: Buffer, bias: Buffer, images: Int, on executor: OpenCLExecutor) throws {
        self.product = product
        let blocks = product.problem.outputChannels / ChannelBlock.size
        kernel = try executor.kernel("implicit_gemm", product.program)
        try kernel.bind(1, weights)
        try kernel.bind(2, bias)
        try kernel.bind(8, product.problem.inputChannels / product.problem.inputBlock)
        try kernel.bind(9, blocks)
        guard product.tile.splits > 1 else {
            reduce = nil
            try kernel.bind(10, executor.unused)
            return
        }
        let reduce = try executor.kernel("implicit_gemm_reduce", product.program)
        try reduce.bind(1, bias)
        try reduce.bind(8, blocks)
        self.reduce = reduce
        _ = try executor.scratch(byteCount: product.partialBytes, images: images)
    }

    func enqueue(_ launch: ConvolutionLaunch, on executor: OpenCLExecutor) throws {
        try kernel.bind(0, launch.input)
        try kernel.bind(3, launch.output)
        try kernel.bind(4, launch.active.buffer)
        try kernel.bind(5, launch.active.offset)
        try kernel.bind(6, launch.decisions.buffer)
        try kernel.bind(7, launch.decisions.offset)
        guard let reduce else {
            try executor.launch(kernel, global: product.global(images: launch.images), local: product.local)
            return
        }
        let partial = try executor.scratch(byteCount: product.partialBytes, images: launch.images)
        try kernel.bind(10, partial)
        try executor.launch(kernel, global: product.global(images: launch.images), local: product.local)
        try reduce.bind(0, partial)
        try reduce.bind(2, launch.output)
        try reduce.bind(3, launch.rowSums)
        try reduce.bind(4, launch.active.buffer)
        try reduce.bind(5, launch.active.offset)
        try reduce.bind(6, launch.decisions.buffer)
        try reduce.bind(7, launch.decisions.offset)
        try executor.launch(reduce, global: product.reduceGlobal(images: launch.images), local: product.reduceLocal)
    }
}
