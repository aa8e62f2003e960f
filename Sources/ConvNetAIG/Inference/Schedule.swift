/// Turns gate decisions into launches: the one path of a batch through a network, for every backend.
///
/// After a block has run, one launch asks the gates ahead, one after the other, until one opens; closed blocks in between
/// are jumped over. An image that did not run the block has nothing new to ask: its decision stands already.
struct Schedule<B: Backend> {
    let network: Network<B>
    /// Per gate, who looks at its decision: `host` or `device`.
    let deciders: [Scheduling]

    /// - Parameters:
    ///   - images: `count` pictures, each channels x height x width.
    ///   - table: when each gate opens, for each image.
    func callAsFunction(_ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable) throws -> InferenceResult
    {
        let backend = network.backend
        let everyone = ActiveSet.all(count: count)
        var decided = Decided(table, images: count)
        backend.enter(.input, images: count)
        switch table {
        case .thresholds(let thresholds):
            try backend.begin(network.decisions, thresholds: thresholds, images: count)
        case .known(let open):
            try backend.begin(network.decisions, open: open, images: count)
        }

        // Steps as in NetworkPlan.featureMaps.
        try backend.claimMaps(ofStep: 0, images: count)
        try backend.upload(images, count: count, to: network.input)
        backend.enter(.stem, images: count)
        try run(network.stem, on: everyone, gate: nil)
        if let pooling = network.pooling {
            backend.enter(.pooling, images: count)
            try backend.maxPool(pooling.settings, network.stem.output, to: pooling.output, images: count)
        }
        for (index, block) in network.blocks.enumerated() {
            try backend.claimMaps(ofStep: index + 1, images: count)
            if let gate = block.gate {
                backend.enter(.gate(block: index), images: count)
                try ask(gate.index, gate.chain, block, count, &decided)
            }
            // Runs in any case, and so gives the device something to do while a decision is on its way to the host.
            backend.enter(.shortcut(block: index), images: count)
            switch block.shortcut {
            case .identity: break
            case .projection(let convolution):
                try backend.convolve(
                    convolution, block.input, to: block.output, on: everyone, decisions: network.decisions,
                    gate: block.gate?.index)
            case .zeroPadded(let settings):
                try backend.zeroPaddedShortcut(settings, block.input, to: block.output, images: count)
            }
            backend.enter(.decision(block: index), images: count)
            let active = try block.gate.map { try activeSet($0.index, count, &decided) } ?? everyone
            guard active.launchedCount > 0 else { continue }
            for (position, step) in block.branch.enumerated() {
                backend.enter(.branch(block: index, convolution: position), images: active.launchedCount)
                try run(step, on: active, gate: block.gate?.index)
            }
        }
        try backend.claimMaps(ofStep: network.blocks.count + 1, images: count)
        backend.enter(.classifier, images: count)
        try backend.classify(network.classifier, features: network.lastFeatures, images: count)
        backend.enter(.output, images: count)
        return try backend.finish(network.classifier, network.decisions, images: count)
    }

    private func run(_ step: Network<B>.Step, on active: ActiveSet, gate: Int?) throws {
        try network.backend.convolve(
            step.convolution, step.input, to: step.output, on: active, decisions: network.decisions, gate: gate)
    }

    /// Has the device decide on `gate` for the images for which it is not known to be decided, and the host look if it is
    /// to.
    private func ask(
        _ gate: Int, _ chain: Int, _ block: Network<B>.Block, _ count: Int, _ decided: inout Decided
    ) throws {
        guard !decided.isKnown else { return }
        let undecided = decided.images(before: gate)
        // Where nobody is left to ask, the host knows already.
        guard !undecided.isEmpty else { return }
        // Where the host does not know who is undecided, the kernel does.
        let active: ActiveSet = undecided.count == count ? .all(count: count) : try listed(undecided, slot: 2 * gate)
        let backend = network.backend
        try backend.decide(
            network.chains[chain], from: gate, features: block.input, decisions: network.decisions, on: active)
        if deciders[gate] == .host {
            try backend.requestProgress(network.decisions, images: count)
            decided.isRequested = true
        } else {
            decided.forget()
        }
    }

    /// The images that run the block behind `gate`, after ``ask(_:_:_:_:_:)``.
    private func activeSet(_ gate: Int, _ count: Int, _ decided: inout Decided) throws -> ActiveSet {
        if decided.isRequested {
            decided.progress = try network.backend.readProgress(network.decisions, images: count)
            decided.isRequested = false
        }
        // What is known beforehand is left to the device if it is to skip; what is not known has to be.
        if decided.isKnown ? deciders[gate] == .device : !decided.images(before: gate).isEmpty {
            return .decided(gate: gate, count: count)
        }
        let open = decided.images(running: gate)
        return open.count == count ? .all(count: count) : try listed(open, slot: 2 * gate + 1)
    }

    private func listed(_ images: [Int32], slot: Int) throws -> ActiveSet {
        guard !images.isEmpty else { return .listed([], slot: slot) }
        return try network.backend.makeActiveSet(images, slot: slot, decisions: network.decisions)
    }
}

/// What the host knows of the decisions so far.
private struct Decided {
    private let images: Int
    /// [gate][image], where all is known beforehand.
    private let known: [Bool]?
    var progress: [GateProgress]
    /// Whether newer progress is on its way.
    var isRequested = false

    init(_ table: GateTable, images: Int) {
        self.images = images
        progress = [GateProgress](repeating: GateProgress(decided: 0, isOpen: false), count: images)
        if case .known(let open) = table { known = open } else { known = nil }
    }

    var isKnown: Bool { known != nil }

    /// The device goes on by itself: what was read holds no longer.
    mutating func forget() {
        for image in progress.indices { progress[image] = GateProgress(decided: 0, isOpen: false) }
    }

    /// Images whose decision on `gate` is not known to have been made.
    func images(before gate: Int) -> [Int32] {
        (0..<images).filter { progress[$0].decided <= gate }.map { Int32($0) }
    }

    /// Images for which `gate` opened.
    func images(running gate: Int) -> [Int32] {
        (0..<images).filter { image in
            if let known { return known[gate * images + image] }
            // Decided gates end at the first that opens: an earlier one that opened has run, and asked again.
            return progress[image].decided == gate + 1 && progress[image].isOpen
        }.map { Int32($0) }
    }
}
