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
            thresholds = try backend.allocate(Float.self, perImage: perImage, images: images, staged: true)
            open = try backend.allocate(Int32.self, perImage: perImage, images: images, staged: true)
            logOdds = try backend.allocate(Float.self, perImage: perImage, images: images, staged: true)
            progress = try backend.allocate(Int32.self, perImage: 1, images: images, staged: true)
            lists = try backend.allocate(Int32.self, perImage: 2 * perImage, images: images, staged: true)
            let queue = backend.queue
            stagedThresholds = StagedValues(repeating: 0, count: entries, queue: queue)
            stagedOpen = StagedValues(repeating: -1, count: entries, queue: queue)
            stagedLogOdds = StagedValues(repeating: 0, count: entries, queue: queue)
            stagedLists = StagedValues(repeating: -1, count: 2 * entries, queue: queue)
            stagedProgress = StagedValues(repeating: 0, count: images, queue: queue)
        }
    }

    /// Where a kernel finds the images it works on.
    struct ActiveImages {
        let buffer: Buffer
        let offset: Int32
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
        case .all(let count): ActiveImages(buffer: try identity(count), offset: 0)
        case .listed(_, let slot): ActiveImages(buffer: decisions.lists, offset: Int32(slot * decisions.capacity))
        case .decided(let gate, _): ActiveImages(buffer: decisions.open, offset: Int32(gate * decisions.capacity))
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
