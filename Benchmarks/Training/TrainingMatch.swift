import ConvNetAIG
import ConvNetAIGTraining
import Foundation
import OpenCL
import Statistics

/// Training steps of a network, and of PyTorch's on the same weights, images and noise, in turns.
struct TrainingMatch {
    let conditions: Conditions
    let batch: Int
    /// Nil without peers.
    let process: PeerProcess?
    /// For files of weights and images that go to the peers.
    let folder: URL

    /// What every step learns from. The time of a step does not depend on it.
    private struct Lesson {
        let batch: Batch
        /// For each gate, [image][skip, execute].
        let noise: [[Float]]
    }

    private static let targetRate: Float = 0.6
    private static let rateWeight: Float = 2
    private static let learningRate: Float = 0.05
    private static let weightDecay: Float = 5e-4
    private static let epochImages = 50_000.0
    /// Steps whose losses are compared before anything is timed.
    private static let comparedSteps = 3
    /// The allowed relative difference of losses: both sides sum in floats, each in its own order.
    static let allowedDifference = 1e-3

    func run(_ architecture: Architecture) throws -> [TrainingResult] {
        let weights = Weights.initial(for: architecture, seed: conditions.seed)
        let lesson = try lesson(for: architecture)
        let backend = try OpenCLTrainingBackend(conditions.runtime)
        let network = try TrainingNetwork(weights: weights, backend: backend, batch: batch)
        let losses = try (0..<Self.comparedSteps).map { _ in try step(network, lesson).loss }
        guard let process else {
            var times: [Double] = []
            let clock = ContinuousClock()
            let start = clock.now
            while conditions.budget.wantsRound(
                after: times.count, seconds: start.duration(to: clock.now) / .seconds(1), networks: 1)
            {
                times.append(try step(network, lesson).milliseconds)
            }
            return [result(architecture, times)].compactMap { $0 }
        }
        return try TrainingPeer.allCases.compactMap { peer in
            try process.ask(.clear)
            defer { _ = try? process.ask(.clear) }
            try load(weights, lesson, peer, process)
            let first = try process.ask(.train(peer, untimed: 0, runs: Self.comparedSteps))
            let theirs = first.losses ?? []
            let differences = zip(losses, theirs).map { abs(Double($0) - $1) / max(abs($1), 1e-9) }
            let difference = differences.max() ?? .infinity
            // Each by itself: not a number is no maximum.
            guard theirs.count == losses.count, differences.allSatisfy({ $0 <= Self.allowedDifference }) else {
                throw PeerFailure.trainingDisagreement(
                    peer: peer, network: architecture.name, difference: difference, allowed: Self.allowedDifference)
            }
            return try takeTurns(network, lesson, peer, process, difference: difference)
        }
    }

    private func takeTurns(
        _ network: TrainingNetwork<OpenCLTrainingBackend>, _ lesson: Lesson, _ peer: TrainingPeer,
        _ process: PeerProcess, difference: Double
    ) throws -> TrainingResult? {
        let load = OtherLoad(apartFrom: [ProcessInfo.processInfo.processIdentifier, process.identifier])
        let clock = ContinuousClock()
        let start = clock.now
        var (ours, theirs): ([Double], [Double]) = ([], [])
        while conditions.budget.wantsRound(
            after: ours.count, seconds: start.duration(to: clock.now) / .seconds(1), networks: 2)
        {
            Thread.sleep(forTimeInterval: PeerMatch.pause)
            // The first step of a turn finds caches and threads as the other side left them.
            _ = try step(network, lesson)
            ours.append(try step(network, lesson).milliseconds)
            Thread.sleep(forTimeInterval: PeerMatch.pause)
            let reply = try process.ask(.train(peer, untimed: 1, runs: 1))
            guard let milliseconds = reply.milliseconds?.first else {
                throw PeerFailure.incomprehensible("no times of \(peer.rawValue)")
            }
            theirs.append(milliseconds)
        }
        guard var result = result(network.architecture, ours), let ratios = RatioStatistics(of: ours, to: theirs)
        else { return nil }
        result.peer = peer
        result.peerVersion = process.versions["PyTorch"]
        result.peerMsP50 = theirs.median
        (result.ratioMin, result.ratioP50, result.ratioMax) = (ratios.minimum, ratios.median, ratios.maximum)
        result.lossDifference = difference
        result.otherCores = load.cores
        return result
    }

    private func result(_ architecture: Architecture, _ milliseconds: [Double]) -> TrainingResult? {
        guard let median = milliseconds.median else { return nil }
        return TrainingResult(
            architecture: architecture.name, batch: batch, device: conditions.runtime.device.description,
            ourMsP50: median,
            epochSeconds: median / 1e3 * Self.epochImages / Double(batch), repeats: milliseconds.count,
            peakBytes: PeakMemory.bytes(ofProcess: "self"))
    }

    private func step(
        _ network: TrainingNetwork<OpenCLTrainingBackend>, _ lesson: Lesson
    ) throws -> (loss: Float, milliseconds: Double) {
        let group = StepSettings.Group(learningRate: Self.learningRate, weightDecay: Self.weightDecay)
        let settings = StepSettings(
            weights: group, normalization: group, gates: group, targetRateWeight: Self.rateWeight,
            targetRates: lesson.noise.map { _ in Self.targetRate })
        let clock = ContinuousClock()
        let start = clock.now
        let result = try network.step(lesson.batch, settings, noise: lesson.noise)
        return (result.loss, start.duration(to: clock.now) / .milliseconds(1))
    }

    private func lesson(for architecture: Architecture) throws -> Lesson {
        let input = architecture.input
        let values = Philox4x32(seed: conditions.seed)
        func words(_ index: Int, _ stream: UInt32) -> (UInt32, UInt32, UInt32, UInt32) {
            values(counter: (UInt32(truncatingIfNeeded: index), stream, 0, 0))
        }
        // Noise of variance 1, as normalised images have.
        let images = (0..<batch * input.count).map { (Philox4x32.uniform(words($0, 0).0) - 0.5) * 3.46 }
        let labels = (0..<batch).map { Int32(words($0, 1).0 % UInt32(architecture.classes)) }
        let noise = architecture.gatedBlocks.indices.map { gate in
            (0..<2 * batch).map { -log(-log(Philox4x32.openUniform(words($0, UInt32(2 + gate)).0))) }
        }
        return Lesson(batch: Batch(images: images, labels: labels), noise: noise)
    }

    private func load(_ weights: Weights, _ lesson: Lesson, _ peer: TrainingPeer, _ process: PeerProcess) throws {
        let weightsFile = folder.appendingPathComponent("weights.safetensors").path
        let inputsFile = folder.appendingPathComponent("inputs.safetensors").path
        defer {
            for file in [weightsFile, inputsFile] { try? FileManager.default.removeItem(atPath: file) }
        }
        let input = weights.architecture.input
        try weights.write(to: weightsFile)
        try Safetensors.write(
            tensors: [
                (
                    "images",
                    try Tensor(
                        shape: [batch, input.channels, input.height, input.width], values: lesson.batch.images)
                ),
                ("labels", try Tensor(shape: [batch], values: lesson.batch.labels.map { Float($0) })),
                (
                    "noise",
                    try Tensor(shape: [lesson.noise.count, batch, 2], values: lesson.noise.flatMap { $0 })
                ),
            ], to: inputsFile)
        try process.ask(
            .loadTraining(
                network: weights.architecture.name, weights: weightsFile, inputs: inputsFile, peer: peer,
                targetRate: Self.targetRate, rateWeight: Self.rateWeight))
    }
}
