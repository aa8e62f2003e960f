import Foundation

/// Turns gate decisions into launches: the one path of a batch through a network, for every backend.
///
/// After a block has run, one launch asks the gates ahead, one after the other, until one opens; closed blocks in between
/// are jumped over. An image that did not run the block has nothing new to ask: its decision stands already.
struct Schedule<B: Backend> {
    let network: Network<B>
    /// Per gate, who looks at its decision: `host` or `device`.
    let deciders: [Scheduling]

    /// - Parameters:
    ///   - images: `count` images, each channels x height x width.
    ///   - table: when each gate opens, for each image.
    func callAsFunction(_ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable) throws -> InferenceResult
    {
        let backend = network.backend
        try run(network.blocks[...], images, count: count, table)
        try backend.claimMaps(ofStep: network.blocks.count + 1, images: count)
        backend.enter(.classifier, images: count)
        try backend.classify(network.classifier, features: network.lastFeatures, images: count)
        backend.enter(.output, images: count)
        return try backend.finish(network.classifier, network.decisions, images: count)
    }

    /// The output of a block, which is read before the next block adds to it or takes its memory.
    ///
    /// - Returns: images x channels x height x width
    func featureMaps(
        ofBlock block: Int, _ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable
    ) throws -> [Float] {
        try run(network.blocks[...block], images, count: count, table)
        return try network.backend.download(network.blocks[block].output, images: count)
    }

    /// Runs the stem and these blocks, which are the first of the network.
    private func run(
        _ blocks: ArraySlice<Network<B>.Block>, _ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable
    ) throws {
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
        for (index, block) in blocks.enumerated() {
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

// MARK: Policies, worked out

/// A policy, worked out for the images of a batch.
///
/// Every policy that asks the gates comes down to a threshold on a gate's log-odds, logit 1 - logit 0. They are made
/// here, once for all backends, so that these cannot differ in their routes by more than the rounding of the log-odds.
package enum GateTable: Sendable, Hashable {
    /// [gate][image]: the gate opens where its log-odds exceed this.
    case thresholds([Float])
    /// [gate][image]: what is decided already.
    case known([Bool])

    /// - Parameters:
    ///   - images: images of the batch.
    ///   - firstImage: how many images came before, in the caller's numbering; random draws depend on it and not on how
    ///     images are split into batches.
    package init(_ policy: GatePolicy, gates: Int, images: Int, firstImage: Int) {
        func table<Value>(_ value: (_ gate: Int, _ image: Int) -> Value) -> [Value] {
            (0..<gates).flatMap { gate in (0..<images).map { value(gate, firstImage + $0) } }
        }
        switch policy {
        case .argmax:
            self = .thresholds([Float](repeating: 0, count: gates * images))
        case .threshold(let probability):
            // sigmoid(log-odds) > p
            let logOdds = log(probability / (1 - probability))
            self = .thresholds([Float](repeating: logOdds, count: gates * images))
        case .logOdds(let thresholds):
            self = .thresholds(table { gate, _ in thresholds[gate] })
        case .budget:
            preconditionFailure("a session turns budgets into thresholds")
        case .sample(let seed):
            let generator = Philox4x32(seed: seed)
            self = .thresholds(
                table { gate, image in
                    // logit 1 + noise 1 > logit 0 + noise 0
                    let (first, second) = generator.uniforms(gate: gate, image: image)
                    return Self.gumbel(first) - Self.gumbel(second)
                })
        case .rate(let rates, let seed):
            let generator = Philox4x32(seed: seed)
            self = .thresholds(
                table { gate, image in
                    let rate = rates.count == 1 ? rates[0] : rates[gate]
                    return generator.uniforms(gate: gate, image: image).0 < rate ? -.infinity : .infinity
                })
        case .always:
            self = .known([Bool](repeating: true, count: gates * images))
        case .mask(let open):
            self = .known(table { gate, _ in open[gate] })
        }
    }

    /// A Gumbel(0, 1) variate from a uniform one, guarded as in the authors' code: -log(eps - log(u + eps)).
    static func gumbel(_ uniform: Float) -> Float {
        let epsilon: Float = 1e-10
        return -log(epsilon - log(uniform + epsilon))
    }
}

extension Philox4x32 {
    /// Two numbers in [0, 1) that belong to this gate and image.
    func uniforms(gate: Int, image: Int) -> (Float, Float) {
        let image = UInt64(truncatingIfNeeded: image)
        let bits = self(
            counter: (
                UInt32(truncatingIfNeeded: image), UInt32(truncatingIfNeeded: image >> 32),
                UInt32(truncatingIfNeeded: gate), 0
            ))
        return (Self.uniform(bits.0), Self.uniform(bits.1))
    }
}
