import OpenCL

/// How work-items are put into groups. Drivers are never left to choose: some put everything into one group, or each work-item
/// into one of its own.
extension OpenCLExecutor {
    /// Work-items of a group where they have nothing to do with each other.
    private static let independentItems = 64

    /// Work-items of a group that kernels can have on this device: a power of 2.
    /// - Parameter most: a power of 2.
    func groupSize(_ kernel: BoundKernel, most: Int) throws -> Int {
        let limit = min(try kernel.kernel().workGroupSize, traits.maxGroupSize)
        var size = most
        while size > limit, size > 1 { size /= 2 }
        return size
    }

    /// Launches a kernel whose work-items have nothing to do with each other, with the arguments that are bound to it: as many
    /// as there are in the range, and no more.
    func launch(_ kernel: BoundKernel, global: NDRange) throws {
        try launch(kernel, global: global, local: try independentGroups(kernel, global))
    }

    /// Where a core runs a group by itself, groups are as small as can be; elsewhere of as many as divide the range.
    private func independentGroups(_ kernel: BoundKernel, _ global: NDRange) throws -> NDRange {
        guard traits.groupSize > 1 else { return NDRange([Int](repeating: 1, count: global.dimensions)) }
        var left = try groupSize(kernel, most: Self.independentItems)
        return NDRange(
            global.sizes.map { size in
                let own = (1...left).last { size % $0 == 0 } ?? 1
                left /= own
                return own
            })
    }

    /// Binds all arguments of a kernel whose work-items have nothing to do with each other, and launches it.
    func launch(_ kernel: BoundKernel, _ global: NDRange, _ arguments: BoundKernel.Argument...) throws {
        try kernel.bind(arguments)
        try launch(kernel, global: global)
    }

    /// Launches a kernel whose work-items look themselves whether they are beyond the end of dimension 0, with the arguments that
    /// are bound to it: neighbours are in the same group.
    func launchNeighbours(_ kernel: BoundKernel, _ items: NDRange) throws {
        let size = try groupSize(kernel, most: Self.independentItems)
        let local = NDRange([size] + [Int](repeating: 1, count: items.dimensions - 1))
        try launch(kernel, global: items.roundedUp(toMultipleOf: local), local: local)
    }

    /// Binds all arguments of a kernel whose work-items look themselves whether they are beyond the end of dimension 0, and
    /// launches it.
    func launchNeighbours(_ kernel: BoundKernel, _ items: NDRange, _ arguments: BoundKernel.Argument...) throws {
        try kernel.bind(arguments)
        try launchNeighbours(kernel, items)
    }

    /// What a work-item has of the channels of a pixel, where each has a row of pixels by itself; elsewhere it is a vector or one
    /// value.
    enum ItemChannels {
        case vector
        case block
    }

    /// Launches a kernel over feature maps with the arguments that are bound to it: a work-item has a row, or where they run side
    /// by side, one pixel, after its neighbour.
    func launchPixels(
        _ kernel: BoundKernel, _ shape: FeatureShape, itemChannels: ItemChannels = .vector, images: Int
    ) throws {
        let blocks = shape.paddedChannels / ChannelBlock.size
        let vectors = ChannelBlock.size / traits.vectorWidth
        if traits.hasLanes {
            let perPixel = itemChannels == .vector ? vectors : ChannelBlock.size
            try launchNeighbours(kernel, NDRange(shape.pixels * perPixel, blocks, images))
        } else {
            try launch(
                kernel, global: NDRange(shape.height, itemChannels == .vector ? blocks * vectors : blocks, images))
        }
    }

    /// Binds all arguments of a kernel whose groups share what they do, and launches it.
    ///
    /// - Parameters:
    ///   - groups: of dimension 0 and the others.
    ///   - items: of a group at most, a power of 2.
    ///   - hasScratch: whether the kernel has one more argument, local memory of a vector for each item.
    func launchGroups(
        _ kernel: BoundKernel, _ groups: NDRange, items: Int, hasScratch: Bool = true,
        _ arguments: BoundKernel.Argument...
    ) throws {
        try launchGroups(kernel, groups, items: items, hasScratch: hasScratch, arguments)
    }

    func launchGroups(
        _ kernel: BoundKernel, _ groups: NDRange, items: Int, hasScratch: Bool = true,
        _ arguments: [BoundKernel.Argument]
    ) throws {
        let size = try groupSize(kernel, most: items)
        let scratch = LocalMemory(byteCount: size * traits.vectorWidth * MemoryLayout<Float>.stride)
        try kernel.bind(hasScratch ? arguments + [.local(scratch)] : arguments)
        var (global, local) = (groups.sizes, [Int](repeating: 1, count: groups.dimensions))
        global[0] *= size
        local[0] = size
        try launch(kernel, global: NDRange(global), local: NDRange(local))
    }
}
