import Kernels
import OpenCL

extension OpenCLBackend {
    /// Feature maps that come into use together, in one buffer, and whose halos have to be zeroed: memory that was
    /// another's is not zero there, and no operator writes halos.
    struct HaloZeroing {
        let memory: Buffer
        /// See Halo.cl.
        let planes: Buffer
        let firstPlane: Int
        let planeCount: Int
    }

    /// Memory saved from which on sharing pays: it costs a launch for every step at which feature maps change, and
    /// networks that have little to save are fast enough for that to count.
    static let minSaving = 1 << 22

    package func makeFeatureMaps(_ maps: [FeatureMapPlan], images: Int) throws -> [FeatureMaps] {
        let layouts = try maps.map { map in
            let layout: MapLayout
            switch map.purpose {
            case .input(let padding): layout = .planes(halo: padding)
            case .features: layout = .blocks
            }
            try layout.check(map.shape)
            return layout
        }
        // Values and row sums of each map, in turn.
        var items: [MemoryPlan.Item] = []
        var sumItems: [Int: Int] = [:]
        for (index, map) in maps.enumerated() {
            let count = layouts[index].count(map.shape)
            let byteCount =
                layouts[index] == .blocks
                ? try executor.byteCount(UInt8.self, perImage: count * executor.storedBytes, images: images)
                : try executor.byteCount(Float.self, perImage: count, images: images)
            items.append(MemoryPlan.Item(byteCount: byteCount, lifetime: map.lifetime))
        }
        for (index, map) in maps.enumerated() where map.purpose == .features(pooled: true) {
            sumItems[index] = items.count
            items.append(
                MemoryPlan.Item(
                    byteCount: try executor.byteCount(
                        Float.self, perImage: map.shape.height * map.shape.paddedChannels, images: images),
                    lifetime: map.lifetime))
        }
        let plan = MemoryPlan(
            items, alignment: max(runtime.device.memoryBaseAddressAlignment, blockBytes),
            largestBuffer: min(runtime.device.maxAllocation, Self.largestArena), minSaving: minSaving)
        let arena = try plan.buffers.map { try executor.allocate(byteCount: $0, images: images, as: \.activations) }
        executor.count(plan.unsharedByteCount, as: \.activationsUnshared)
        _ = try executor.identity(images)

        func memory(_ item: Int) throws -> Buffer {
            let place = plan.places[item]
            return try arena[place.buffer].subBuffer(
                place.range.lowerBound..<place.range.lowerBound + items[item].byteCount)
        }
        let made = try maps.indices.map { index in
            let (map, layout) = (maps[index], layouts[index])
            var staged: StagedValues<Float>?
            if case .input = map.purpose { staged = try executor.stagedInput(map.shape, layout, images: images) }
            return OpenCLFeatureMaps(
                shape: map.shape, layout: layout, values: try memory(index),
                rowSums: try sumItems[index].map { try memory($0) }, staged: staged)
        }
        try planZeroing(maps, plan, arena)
        return made
    }

    package func claimMaps(ofStep step: Int, images: Int) throws {
        for zeroing in zeroings[step] ?? [] {
            let kernel = try zeroingKernel()
            try kernel.bind(0, zeroing.memory)
            try kernel.bind(1, zeroing.planes)
            try kernel.bind(2, zeroing.firstPlane)
            let vectors = ChannelBlock.size / traits.vectorWidth
            if traits.hasLanes {
                // So many pixels of a halo at once.
                try executor.launchNeighbours(kernel, NDRange(vectors * 64, zeroing.planeCount, images))
            } else {
                try executor.launch(kernel, global: NDRange(vectors, zeroing.planeCount, images))
            }
        }
    }

    /// Images are uploaded with their halo, so that only feature maps behind them are concerned.
    private func planZeroing(_ maps: [FeatureMapPlan], _ plan: MemoryPlan, _ arena: [Buffer]) throws {
        struct Launch: Hashable {
            let step: Int
            let buffer: Int
        }
        var planes: [Launch: [Int32]] = [:]
        for (index, map) in maps.enumerated() where plan.isShared(index) {
            guard case .features = map.purpose else { continue }
            let place = plan.places[index]
            let (height, pitch) = (map.shape.height + 2 * ChannelBlock.halo, map.shape.width + 2 * ChannelBlock.halo)
            let blocks = map.shape.paddedChannels / ChannelBlock.size
            let start = place.range.lowerBound / blockBytes
            for block in 0..<blocks {
                // Blocks of 32 bytes or more in buffers of at most 64 GB: 32 bits are enough.
                planes[Launch(step: map.lifetime.lowerBound, buffer: place.buffer), default: []] += [
                    start + block * height * pitch, blocks * height * pitch, height, pitch,
                ].map { Int32($0) }
            }
        }
        guard !planes.isEmpty else { return }
        let ordered = planes.sorted { ($0.key.step, $0.key.buffer) < ($1.key.step, $1.key.buffer) }
        let table = try executor.constant(ordered.flatMap(\.value), as: \.other)
        var first = 0
        for (launch, values) in ordered {
            let zeroing = HaloZeroing(
                memory: arena[launch.buffer], planes: table, firstPlane: first, planeCount: values.count / 4)
            zeroings[launch.step, default: []].append(zeroing)
            first += zeroing.planeCount
        }
    }

    var zeroingProgram: ProgramDescriptor { ProgramDescriptor(.halo, traits, [:]) }

    /// Of the channels of a pixel that lie together.
    private var blockBytes: Int { ChannelBlock.size * executor.storedBytes }
    private static let largestArena = 1 << 36
}
