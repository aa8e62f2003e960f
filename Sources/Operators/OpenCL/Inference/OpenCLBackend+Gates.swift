import Kernels
import OpenCL

extension OpenCLBackend {
    /// Thresholds and decisions on the device, [gate][capacity], and memory of the host's for what is on its way.
    package final class Decisions {
        let gates: Int
        let capacity: Int
        let thresholds: Buffer
        /// The image's index where its gate opened, -1 where it stayed closed: an active list with holes.
        let open: Buffer
        let logOdds: Buffer
        let progress: Buffer
        /// Active lists without holes, made by the host: [slot][capacity].
        let lists: Buffer
        /// What the device's thresholds are now.
        var uploadedThresholds: [Float] = []
        let stagedThresholds: StagedValues<Float>
        let stagedOpen: StagedValues<Int32>
        let stagedLogOdds: StagedValues<Float>
        let stagedLists: StagedValues<Int32>
        let stagedProgress: StagedValues<Int32>
        /// The read of ``progress`` that is under way.
        var progressRead: Event?

        init(backend: OpenCLBackend, gates: Int, images: Int) throws {
            self.gates = gates
            capacity = images
            let perImage = max(gates, 1)
            // Kernels count entries in 32 bits, and there are two lists for each gate.
            let (entryCount, overflows) = (2 * perImage).multipliedReportingOverflow(by: images)
            guard !overflows, entryCount <= Int(Int32.max) else {
                throw BackendError.batchTooLarge(
                    images: images, bytes: overflows ? .max : entryCount * MemoryLayout<Int32>.stride,
                    limit: Int(Int32.max) * MemoryLayout<Int32>.stride, device: backend.deviceName)
            }
            let entries = perImage * images
            thresholds = try backend.executor.allocate(Float.self, perImage: perImage, images: images, staged: true)
            open = try backend.executor.allocate(Int32.self, perImage: perImage, images: images, staged: true)
            logOdds = try backend.executor.allocate(Float.self, perImage: perImage, images: images, staged: true)
            progress = try backend.executor.allocate(Int32.self, perImage: 1, images: images, staged: true)
            lists = try backend.executor.allocate(Int32.self, perImage: 2 * perImage, images: images, staged: true)
            let queue = backend.queue
            stagedThresholds = StagedValues(repeating: 0, count: entries, queue: queue)
            stagedOpen = StagedValues(repeating: -1, count: entries, queue: queue)
            stagedLogOdds = StagedValues(repeating: 0, count: entries, queue: queue)
            stagedLists = StagedValues(repeating: -1, count: 2 * entries, queue: queue)
            stagedProgress = StagedValues(repeating: 0, count: images, queue: queue)
        }
    }

    package func makeDecisions(gates: Int, images: Int) throws -> Decisions {
        try Decisions(backend: self, gates: gates, images: images)
    }

    package func begin(_ decisions: Decisions, thresholds: [Float], images: Int) throws {
        try queue.fill(decisions.progress, with: 0)
        guard decisions.uploadedThresholds != thresholds else { return }
        for gate in 0..<decisions.gates {
            for image in 0..<images {
                decisions.stagedThresholds.values[gate * decisions.capacity + image] = thresholds[gate * images + image]
            }
        }
        decisions.uploadedThresholds = []
        try queue.write(
            to: decisions.thresholds, from: UnsafeRawBufferPointer(decisions.stagedThresholds.values), blocking: false)
        decisions.uploadedThresholds = thresholds
    }

    package func begin(_ decisions: Decisions, open: [Bool], images: Int) throws {
        for gate in 0..<decisions.gates {
            for image in 0..<images {
                decisions.stagedOpen.values[gate * decisions.capacity + image] =
                    open[gate * images + image] ? Int32(image) : -1
            }
        }
        try queue.write(to: decisions.open, from: UnsafeRawBufferPointer(decisions.stagedOpen.values), blocking: false)
    }

    package func makeActiveSet(_ images: [Int32], slot: Int, decisions: Decisions) throws -> ActiveSet {
        let start = slot * decisions.capacity
        let staged = UnsafeMutableBufferPointer(rebasing: decisions.stagedLists.values[start..<start + images.count])
        _ = staged.update(fromContentsOf: images)
        try queue.write(
            to: decisions.lists, offset: start * MemoryLayout<Int32>.stride, from: UnsafeRawBufferPointer(staged),
            blocking: false)
        return .listed(images, slot: slot)
    }

    /// The active images as a kernel argument.
    func activeImages(_ active: ActiveSet, _ decisions: Decisions) throws -> ActiveImages {
        switch active {
        case .all(let count): ActiveImages(buffer: try executor.identity(count), offset: 0)
        case .listed(_, let slot): ActiveImages(buffer: decisions.lists, offset: slot * decisions.capacity)
        case .decided(let gate, _): ActiveImages(buffer: decisions.open, offset: gate * decisions.capacity)
        }
    }

    package func requestProgress(_ decisions: Decisions, images: Int) throws {
        let staged = UnsafeMutableBufferPointer(rebasing: decisions.stagedProgress.values[..<images])
        decisions.progressRead = try queue.readWithEvent(
            from: decisions.progress, into: UnsafeMutableRawBufferPointer(staged))
        // Drivers may otherwise wait for more to come.
        try queue.flush()
    }

    package func readProgress(_ decisions: Decisions, images: Int) throws -> [GateProgress] {
        if decisions.progressRead == nil { try requestProgress(decisions, images: images) }
        try decisions.progressRead?.wait()
        decisions.progressRead = nil
        return decisions.stagedProgress.values[..<images].map {
            GateProgress(decided: Int($0.magnitude), isOpen: $0 > 0)
        }
    }
}

// MARK: Gates

extension OpenCLBackend {
    package final class GateChain {
        let settings: GateSettings
        let firstGate: Int
        let count: Int
        let kernel: BoundKernel
        /// Whether work-items share an image.
        let isShared: Bool
        let parameters: Buffer
        let scratch: Buffer?

        init(
            settings: GateSettings, firstGate: Int, count: Int, kernel: BoundKernel, isShared: Bool, parameters: Buffer,
            scratch: Buffer?
        ) {
            self.settings = settings
            self.firstGate = firstGate
            self.count = count
            self.kernel = kernel
            self.isShared = isShared
            self.parameters = parameters
            self.scratch = scratch
        }
    }

    package func makeGateChain(
        _ settings: GateSettings, firstGate: Int, _ gates: [GateWeights], images: Int
    ) throws -> GateChain {
        let descriptor = GateDescriptor(settings, traits)
        return GateChain(
            settings: settings, firstGate: firstGate, count: gates.count,
            kernel: try executor.kernel("decide", descriptor.program),
            isShared: descriptor.isShared,
            parameters: try executor.constant(gates.flatMap { packed($0, settings) }),
            scratch: descriptor.usesLocalMemory
                ? nil
                : try executor.allocate(Float.self, perImage: settings.features.paddedChannels, images: images))
    }

    /// fc1 [channels][hidden], its bias, fc2 [hidden] and its bias, zero where they are padding.
    private func packed(_ gate: GateWeights, _ settings: GateSettings) -> [Float] {
        let (channels, hidden) = (settings.features.channels, settings.hidden)
        let (channelsPadded, hiddenPadded) = (settings.features.paddedChannels, ChannelBlock.padded(hidden))
        let matrix = channelsPadded * hiddenPadded
        var values = [Float](repeating: 0, count: matrix + 2 * hiddenPadded + ChannelBlock.size)
        for unit in 0..<hidden {
            for channel in 0..<channels {
                values[channel * hiddenPadded + unit] = gate.fc1[unit * channels + channel]
            }
            values[matrix + unit] = gate.fc1Bias[unit]
            values[matrix + hiddenPadded + unit] = gate.fc2[unit]
        }
        values[matrix + 2 * hiddenPadded] = gate.fc2Bias
        return values
    }

    package func decide(
        _ chain: GateChain, from gate: Int, features: FeatureMaps, decisions: Decisions, on active: ActiveSet
    ) throws {
        let images = try activeImages(active, decisions)
        let kernel = chain.kernel
        let shape = chain.settings.features
        try kernel.bind(0, executor.rowSums(features, needed: true))
        try kernel.bind(1, chain.parameters)
        try kernel.bind(2, decisions.thresholds)
        try kernel.bind(3, decisions.open)
        try kernel.bind(4, decisions.logOdds)
        try kernel.bind(5, decisions.progress)
        // Pooled features, in whichever memory the kernel was built for.
        if let scratch = chain.scratch {
            try kernel.bind(6, scratch)
        } else {
            try kernel.bind(6, LocalMemory(byteCount: shape.paddedChannels * MemoryLayout<Float>.stride))
        }
        try kernel.bind(7, images.buffer)
        try kernel.bind(8, images.offset)
        try kernel.bind(9, gate)
        try kernel.bind(10, chain.firstGate)
        try kernel.bind(11, chain.firstGate + chain.count)
        try kernel.bind(12, decisions.capacity)
        try kernel.bind(13, shape.paddedChannels)
        try kernel.bind(14, shape.height)
        try kernel.bind(15, shape.pixels)
        let size = chain.isShared ? try executor.groupSize(kernel, most: GateDescriptor.sharedItems) : 1
        if chain.isShared {
            try kernel.bind(16, LocalMemory(byteCount: size * traits.vectorWidth * MemoryLayout<Float>.stride))
        }
        try executor.launch(kernel, global: NDRange(size, active.launchedCount), local: NDRange(size, 1))
    }
}

/// How a chain of gates is computed: whether work-items share an image, and where they keep its pooled features.
struct GateDescriptor {
    let settings: GateSettings
    let traits: DeviceTraits
    let isShared: Bool
    /// Otherwise features are kept in global memory, by a work-item that has an image to itself.
    let usesLocalMemory: Bool

    /// Work-items that share an image, at most.
    static let sharedItems = 256

    init(_ settings: GateSettings, _ traits: DeviceTraits) {
        let features = settings.features.paddedChannels * MemoryLayout<Float>.stride
        // A vector of each work-item, and the logit.
        let shared = (Self.sharedItems * traits.vectorWidth + 1) * MemoryLayout<Float>.stride
        self.settings = settings
        self.traits = traits
        isShared = traits.hasLanes && features + shared <= traits.localMemory
        usesLocalMemory = features <= traits.localMemory
    }

    var program: ProgramDescriptor {
        ProgramDescriptor(
            .gate, traits,
            [
                "HIDDEN": ChannelBlock.padded(settings.hidden), "SHARED": isShared ? 1 : 0,
                "LOCAL_FEATURES": usesLocalMemory ? 1 : 0,
            ])
    }
}
