import Synchronization

/// A network on some backend, as a session sees it: batches in, results out, one at a time.
protocol Engine: Sendable {
    var deviceName: String { get }
    /// Kernels launched so far.
    var launches: Int { get }
    var memory: MemoryUse { get }

    /// - Parameters:
    ///   - images: `count` images, at most as many as planned, each channels x height x width.
    ///   - table: when each gate opens, for each image.
    func run(
        _ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable
    ) throws -> InferenceResult

    /// The output of a block for each image: count x channels x height x width.
    ///
    /// - Parameter block: index of the block, which is the last to run.
    func featureMaps(
        ofBlock block: Int, _ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable
    ) throws -> [Float]

    /// As ``run(_:count:_:)``, with a record of what ran when.
    /// - Throws: also ``BackendError/noProfile(device:)``.
    func record(
        _ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable
    ) throws -> RecordedBatch
}

/// What a batch came to, who decided on its gates, and what ran when.
struct RecordedBatch {
    let result: InferenceResult
    /// Per gate.
    let deciders: [Scheduling]
    /// What `automatic` weighed, where it did.
    let costs: SchedulingCosts?
    let recording: Recording
}

/// A network and who looks at its decisions.
///
/// Unchecked: the network, which is of no use to two threads at once, is only touched with the lock held.
final class NetworkEngine<B: Backend>: Engine, @unchecked Sendable {
    private let network: Network<B>
    private let lock = Mutex(())
    let deviceName: String
    /// How often each block ran, of late: what `automatic` bets on.
    private var rates: [Double]
    /// What `automatic` weighs; nil where reading a decision costs nothing.
    private let costs: SchedulingCosts?
    private let scheduling: Scheduling

    /// Weight of a new batch in the running rates.
    private static var momentum: Double { 0.1 }

    init(_ weights: Weights, on backend: B, capacity: Int, scheduling: Scheduling) throws {
        network = try Network(weights, on: backend, capacity: capacity)
        self.scheduling = scheduling
        costs = scheduling == .automatic && network.gateCount > 0 ? backend.schedulingCosts() : nil
        deviceName = backend.deviceName
        rates = [Double](repeating: 0.5, count: network.gateCount)
    }

    var launches: Int { lock.withLock { _ in network.backend.launches } }
    var memory: MemoryUse { lock.withLock { _ in network.backend.memory } }

    func run(
        _ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable
    ) throws -> InferenceResult {
        try lock.withLock { _ in try schedule(images, count: count, table).result }
    }

    func featureMaps(
        ofBlock block: Int, _ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable
    ) throws -> [Float] {
        try lock.withLock { _ in
            let schedule = Schedule(network: network, deciders: deciders(table, images: count))
            return try leavingDeviceIdle { try schedule.featureMaps(ofBlock: block, images, count: count, table) }
        }
    }

    func record(
        _ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable
    ) throws -> RecordedBatch {
        try lock.withLock { _ in
            try network.backend.startRecording()
            let batch = Result { try schedule(images, count: count, table) }
            let recording = Result { try network.backend.finishRecording() }
            // What the batch threw came first and is likely the cause.
            let (result, deciders) = try batch.get()
            return RecordedBatch(
                result: result, deciders: deciders, costs: costs, recording: try recording.get())
        }
    }

    /// - Returns: what the batch came to, and who decided on each gate.
    private func schedule(
        _ images: UnsafeBufferPointer<Float>, count: Int, _ table: GateTable
    ) throws -> (result: InferenceResult, deciders: [Scheduling]) {
        let deciders = deciders(table, images: count)
        let schedule = Schedule(network: network, deciders: deciders)
        let result = try leavingDeviceIdle { try schedule(images, count: count, table) }
        // What the caller has decided says nothing of what the gates will.
        if case .thresholds = table { learn(result, images: count) }
        return (result, deciders)
    }

    private func leavingDeviceIdle<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            // The error that came first is the one to tell; the next batch must find the device idle.
            try? network.backend.synchronize()
            throw error
        }
    }

    private func deciders(_ table: GateTable, images: Int) -> [Scheduling] {
        guard scheduling == .automatic else {
            return [Scheduling](repeating: scheduling, count: network.gateCount)
        }
        // What is known already costs nothing to look at.
        guard let costs, case .thresholds = table else {
            return [Scheduling](repeating: .host, count: network.gateCount)
        }
        return network.blocks.compactMap { block in
            guard let gate = block.gate?.index else { return nil }
            let groups = block.branch.reduce(0) { $0 + network.backend.groups($1.convolution) }
            let prefersDevice = costs.prefersDevice(
                launches: block.branch.count, groups: groups, images: images, rate: rates[gate])
            return prefersDevice ? .device : .host
        }
    }

    private func learn(_ result: InferenceResult, images: Int) {
        for gate in rates.indices {
            let open = (0..<images).count { result.decisions[$0 * rates.count + gate] }
            rates[gate] += Self.momentum * (Double(open) / Double(images) - rates[gate])
        }
    }
}
