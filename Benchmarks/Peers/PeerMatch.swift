import ConvNetAIG
import Foundation
import OpenCL
import Statistics

/// The networks of one depth at one batch size, ours against the peers. They take turns, and while one works
/// all others are idle.
struct PeerMatch {
    let conditions: Conditions
    let batch: Int
    let process: PeerProcess
    /// For files of weights and images that go to the peers.
    let folder: URL

    /// ONNX Runtime's threads go on spinning for up to 40 ms after a run, PyTorch's for up to 10 ms (measured
    /// on 2 cores as CPU time of the idle process, ONNX Runtime 1.32 and PyTorch 2.15). Spinning makes their
    /// own next run faster, so it is left on, as it is by default, and waited out before our turn. Theirs begin
    /// after the same pause, so that both sides come from rest.
    static let pause: TimeInterval = 0.05

    /// Far from the numbers of measured runs, so that none of them repeats a warm-up's routes.
    private static let firstWarmUpRun = 1_000_000_000

    /// - Parameters:
    ///   - plain: the ResNet's weights.
    ///   - adaptive: the adaptive network's weights; nil to measure the ResNet alone.
    ///   - routes: those of the adaptive network. Each gets a session of its own.
    /// - Throws: `PeerFailure.disagreement` before anything is timed, where a peer's logits are not ours.
    func run(plain: Weights, adaptive: Weights?, routes: [Routes]) throws -> [PeerResult] {
        var contenders = [try contender(plain, .dense)]
        if let adaptive { contenders += try routes.map { try contender(adaptive, $0) } }
        let inputs = try conditions.images.batches(of: batch, for: contenders[0].session)

        try process.ask(.clear)
        for weights in [plain, adaptive].compactMap({ $0 }) {
            try load(weights, inputs: inputs)
        }
        defer { _ = try? process.ask(.clear) }

        var pairings = PeerPairing.all(areAdaptive: contenders.map(\.isAdaptive), batch: batch)
        for index in pairings.indices {
            let pairing = pairings[index]
            pairings[index].logitsDifference = try check(
                pairing.peer, contenders[pairing.contender], inputs[0])
        }
        let load = OtherLoad(apartFrom: [ProcessInfo.processInfo.processIdentifier, process.identifier])
        try takeTurns(&pairings, &contenders, inputs)
        let otherCores = load.cores
        let names = (plain: plain.architecture.name, adaptive: adaptive?.architecture.name)
        return pairings.compactMap { pairing in
            result(
                pairing, contenders[pairing.contender], otherCores: otherCores,
                peerArchitecture: pairing.peer.isAdaptive ? names.adaptive ?? "" : names.plain)
        }
    }

    private func contender(_ weights: Weights, _ routes: Routes) throws -> Contender {
        let session = try Session(
            weights: weights, backend: .openCL(conditions.runtime), batch: batch,
            scheduling: conditions.scheduling)
        return Contender(session: session, routes: routes)
    }

    private func load(_ weights: Weights, inputs: [Tensor]) throws {
        let architecture = weights.architecture
        let weightsFile = folder.appendingPathComponent("weights.safetensors").path
        let inputsFile = folder.appendingPathComponent("inputs.safetensors").path
        defer {
            for file in [weightsFile, inputsFile] { try? FileManager.default.removeItem(atPath: file) }
        }
        try weights.write(to: weightsFile)
        try Safetensors.write(
            tensors: inputs.enumerated().map { ("\($0)", $1) }, to: inputsFile)
        try process.ask(
            .load(
                network: architecture.name, weights: weightsFile, inputs: inputsFile,
                peers: Peer.all(adaptive: architecture.isAdaptive, batch: batch)))
    }

    /// - Returns: the difference of the logits; nil if the peer runs another network.
    private func check(_ peer: Peer, _ contender: Contender, _ input: Tensor) throws -> Double? {
        guard peer.isAdaptive == contender.isAdaptive else { return nil }
        let predictions = try contender.time(input, run: 0).predictions
        let reply = try process.ask(
            .run(
                peer, input: 0, masks: Self.masks(predictions), untimed: 0, runs: 1, wantsLogits: true))
        let difference = LogitsComparison.difference(
            ours: predictions.flatMap(\.logits), theirs: reply.logits ?? [])
        guard difference <= LogitsComparison.allowedDifference else {
            throw PeerFailure.disagreement(
                peer: peer, network: contender.session.architecture.name, batch: batch,
                difference: difference, allowed: LogitsComparison.allowedDifference)
        }
        return difference
    }

    private func takeTurns(
        _ pairings: inout [PeerPairing], _ contenders: inout [Contender], _ inputs: [Tensor]
    ) throws {
        let (budget, clock) = (conditions.budget, ContinuousClock())
        let networks = 2 * pairings.count

        var start = clock.now
        var rounds = 0
        while budget.wantsWarmUp(
            after: rounds, seconds: start.duration(to: clock.now) / .seconds(1), networks: networks)
        {
            let number = rounds % inputs.count
            for index in pairings.indices {
                let pairing = pairings[index]
                let (seconds, predictions) = try contenders[pairing.contender].time(
                    inputs[number], run: Self.firstWarmUpRun + rounds)
                let theirs = try theirTurn(pairing, input: number, masks: Self.masks(predictions))
                pairings[index].expect(ours: seconds * 1e3, theirs: theirs)
            }
            rounds += 1
        }

        start = clock.now
        rounds = 0
        while budget.wantsRound(
            after: rounds, seconds: start.duration(to: clock.now) / .seconds(1), networks: networks)
        {
            let number = rounds % inputs.count
            // Once ahead, to know the routes, which are the same whenever this run is repeated.
            let masks = try contenders.indices.map {
                Self.masks(try contenders[$0].sample(inputs[number], run: rounds))
            }
            for index in pairings.indices {
                let pairing = pairings[index]
                let (contender, routes) = (contenders[pairing.contender], masks[pairing.contender])
                // Who goes first changes from round to round.
                if rounds.isMultiple(of: 2) {
                    let ours = try ourTurn(pairing, contender, inputs[number], run: rounds)
                    let theirs = try theirTurn(pairing, input: number, masks: routes)
                    pairings[index].append(ours: ours, theirs: theirs)
                } else {
                    let theirs = try theirTurn(pairing, input: number, masks: routes)
                    let ours = try ourTurn(pairing, contender, inputs[number], run: rounds)
                    pairings[index].append(ours: ours, theirs: theirs)
                }
            }
            rounds += 1
        }
    }

    /// - Returns: the median of the timed runs, in milliseconds.
    private func ourTurn(
        _ pairing: PeerPairing, _ contender: Contender, _ input: Tensor, run: Int
    ) throws -> Double {
        Thread.sleep(forTimeInterval: Self.pause)
        let turn = pairing.ourTurn
        for _ in 0..<turn.untimed { _ = try contender.time(input, run: run) }
        let seconds = try (0..<turn.timed).map { _ in try contender.time(input, run: run).seconds }
        return (seconds.median ?? .nan) * 1e3
    }

    /// - Returns: the median of the timed runs, in milliseconds.
    private func theirTurn(_ pairing: PeerPairing, input: Int, masks: [String]) throws -> Double {
        Thread.sleep(forTimeInterval: Self.pause)
        let (peer, turn) = (pairing.peer, pairing.theirTurn)
        let reply = try process.ask(
            .run(
                peer, input: input, masks: masks, untimed: turn.untimed, runs: turn.timed,
                wantsLogits: false))
        guard let milliseconds = reply.milliseconds, milliseconds.count == turn.timed,
            let median = milliseconds.median
        else { throw PeerFailure.incomprehensible("no times of \(peer.rawValue)") }
        return median
    }

    private func result(
        _ pairing: PeerPairing, _ contender: Contender, otherCores: Double?, peerArchitecture: String
    ) -> PeerResult? {
        guard let ratios = RatioStatistics(of: pairing.ours, to: pairing.theirs),
            let ours = pairing.ours.median, let theirs = pairing.theirs.median
        else { return nil }
        return PeerResult(
            architecture: contender.session.architecture.name, batch: batch,
            device: contender.session.deviceName, routes: contender.routes.label,
            blocksExecuted: contender.samples.meanExecutedShare, peer: pairing.peer,
            peerArchitecture: peerArchitecture, peerVersion: process.versions[pairing.peer.library] ?? "",
            threads: conditions.peerThreads, peerMsP50: theirs, ourMsP50: ours, ratioMin: ratios.minimum,
            ratioP50: ratios.median, ratioMax: ratios.maximum, repeats: pairing.ours.count,
            otherCores: otherCores, logitsDifference: pairing.logitsDifference)
    }

    private static func masks(_ predictions: [Prediction]) -> [String] {
        predictions.map { PeerRequest.mask($0.graph.gates) }
    }
}

/// A network of ours against a peer, with the times of both.
struct PeerPairing {
    /// Index of the network of ours among the contenders.
    let contender: Int
    let peer: Peer
    /// See `LogitsComparison`; nil where the two are different networks.
    var logitsDifference: Double?
    /// Of each repeat, in milliseconds.
    private(set) var ours: [Double] = []
    private(set) var theirs: [Double] = []

    private var shortest = (ours: Double.infinity, theirs: Double.infinity)

    init(contender: Int, peer: Peer) {
        self.contender = contender
        self.peer = peer
    }

    mutating func append(ours: Double, theirs: Double) {
        self.ours.append(ours)
        self.theirs.append(theirs)
    }

    /// Notes the time of a warm-up run, in milliseconds; turns are planned for the shortest.
    mutating func expect(ours: Double, theirs: Double) {
        shortest = (min(shortest.ours, ours), min(shortest.theirs, theirs))
    }

    var ourTurn: Turn { Turn(expecting: shortest.ours) }
    var theirTurn: Turn { Turn(expecting: shortest.theirs) }

    /// Each of our networks against the peers that run the same one, and the adaptive ones against the
    /// fastest dense runtime as well.
    ///
    /// - Parameter areAdaptive: whether each contender has gates.
    static func all(areAdaptive: [Bool], batch: Int) -> [PeerPairing] {
        areAdaptive.enumerated().flatMap { index, isAdaptive in
            let peers = Peer.all(adaptive: isAdaptive, batch: batch) + (isAdaptive ? [.onnxDense] : [])
            return peers.map { PeerPairing(contender: index, peer: $0) }
        }
    }
}

/// Minimum, median and maximum of the ratios of paired samples.
struct RatioStatistics: Hashable {
    let minimum: Double
    let median: Double
    let maximum: Double

    /// The ratios of dividends to divisors; nil without pairs, or if a divisor is not above zero.
    init?(of dividends: [Double], to divisors: [Double]) {
        guard dividends.count == divisors.count, divisors.allSatisfy({ $0 > 0 }) else { return nil }
        let ratios = zip(dividends, divisors).map { $0 / $1 }
        guard let minimum = ratios.min(), let maximum = ratios.max(),
            let median = ratios.median
        else { return nil }
        self.minimum = minimum
        self.median = median
        self.maximum = maximum
    }
}
