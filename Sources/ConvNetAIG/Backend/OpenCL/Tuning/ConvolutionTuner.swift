import OpenCL

/// Finds the fastest algorithm for each convolution of a network by timing the candidates on the device.
///
/// Sessions of the same runtime that are made afterwards use what was found, and so do other processes by way of the
/// runtime's ``TuningStore``. Without, sessions take what estimates say.
public struct ConvolutionTuner: Sendable {
    private let runtime: OpenCLRuntime
    /// Timings of a candidate, of which the lower quartile counts.
    private let rounds: Int

    /// Candidates that are slower than the best by this factor are given up early.
    private static let hopeless = 1.5
    private static let roundsBeforeGivingUp = 2
    /// In seconds: shorter launches are timed several at once.
    private static let shortestSample = 0.0005
    private static let mostLaunches = 20

    public init(_ runtime: OpenCLRuntime, rounds: Int = 9) {
        self.runtime = runtime
        self.rounds = max(rounds, 1)
    }

    /// Times the candidates for every distinct convolution of a network, and keeps the winners.
    ///
    /// - Parameters:
    ///   - images: what sessions will be planned for.
    ///   - progress: called with each result, and with what share of the work is done.
    /// - Returns: the results in the order of the network.
    /// - Throws: `OpenCLError`, or `BackendError` where the device has too little memory.
    @discardableResult
    public func tune(
        _ architecture: Architecture, images: Int, progress: (ConvolutionTuningResult, Double) -> Void = { _, _ in }
    ) throws -> [ConvolutionTuningResult] {
        let problems = NetworkPlan(architecture).problems.compactMap { problem -> ConvolutionProblem? in
            guard case .convolution(let convolution) = problem else { return nil }
            return convolution
        }
        let occurrences = Dictionary(problems.map { ($0, 1) }, uniquingKeysWith: +)
        var results: [ConvolutionTuningResult] = []
        var seen: Set<ConvolutionProblem> = []
        for problem in problems where seen.insert(problem).inserted {
            let result = try tune(problem, occurrences: occurrences[problem] ?? 1, images: images)
            results.append(result)
            progress(result, Double(results.count) / Double(occurrences.count))
        }
        return results
    }

    private func tune(
        _ problem: ConvolutionProblem, occurrences: Int, images: Int
    ) throws -> ConvolutionTuningResult {
        // A backend of its own: what it allocates is gone afterwards.
        let backend = try OpenCLBackend(runtime)
        let input =
            problem.source == .image
            ? try backend.makeInput(problem.input, padding: problem.padding, images: images)
            : try backend.makeActivations(problem.input, pooled: false, images: images)
        let output = try backend.makeActivations(problem.output, pooled: problem.sumsRows, images: images)
        let decisions = try backend.makeDecisions(gates: 1, images: images)
        try backend.begin(decisions, open: [Bool](repeating: true, count: images), images: images)
        let weights = Self.weights(problem)

        func time(_ convolution: OpenCLBackend.Convolution, launches: Int) throws -> Double {
            let start = ContinuousClock.now
            for _ in 0..<launches {
                try backend.convolve(
                    convolution, input, to: output, on: .all(count: images), decisions: decisions, gate: 0)
            }
            try backend.synchronize()
            return (ContinuousClock.now - start) / .seconds(1) / Double(launches)
        }

        var trials = try ConvolutionAlgorithm.candidates(problem, runtime.traits, images: images).map { algorithm in
            let descriptor = algorithm.descriptor(problem, runtime.traits)
            return Trial(
                algorithm: algorithm, convolution: try backend.makeConvolution(descriptor, weights, images: images))
        }
        // The first launch compiles.
        for trial in trials { _ = try time(trial.convolution, launches: 1) }
        // Candidates take turns, so that what disturbs the machine disturbs all, and large weights have left the caches
        // when it is a candidate's turn again, as they have in a network.
        for round in 0..<rounds {
            let best = trials.compactMap(\.time).min() ?? .infinity
            for index in trials.indices {
                if round >= Self.roundsBeforeGivingUp, let time = trials[index].time,
                    time > Self.hopeless * best
                {
                    continue
                }
                let usual = trials[index].time ?? Self.shortestSample
                let launches = min(max(Int(Self.shortestSample / usual), 1), Self.mostLaunches)
                trials[index].seconds.append(try time(trials[index].convolution, launches: launches))
            }
        }

        let standard = ConvolutionAlgorithm.standard(problem, runtime.traits, images: images)
        let candidates = trials.map {
            ConvolutionTuningResult.Candidate(
                name: $0.algorithm.description, seconds: $0.time ?? .infinity, isStandard: $0.algorithm == standard)
        }
        let winner = trials.min { ($0.time ?? .infinity) < ($1.time ?? .infinity) }
        if let winner {
            runtime.tuning.add([ConvolutionChoice(problem: problem, images: images): winner.algorithm])
        }
        return ConvolutionTuningResult(
            problem: problem, occurrences: occurrences, images: images,
            candidates: candidates.sorted { $0.seconds < $1.seconds })
    }

    /// Some weights, of the size that keeps sums near one.
    private static func weights(_ problem: ConvolutionProblem) -> ConvolutionWeights {
        let inputs = problem.input.channels * problem.kernel * problem.kernel
        let count = problem.outputChannels * inputs
        let scale = 1 / Float(inputs)
        return ConvolutionWeights(
            weights: (0..<count).map { scale * Float($0 % 17 - 8) / 8 },
            bias: [Float](repeating: 0.1, count: problem.outputChannels))
    }

    private struct Trial {
        let algorithm: ConvolutionAlgorithm
        let convolution: OpenCLBackend.Convolution
        var seconds: [Double] = []

        /// The lower quartile: what disturbs a launch only ever makes it longer, and may disturb most of a few.
        var time: Double? { seconds.isEmpty ? nil : seconds.sorted()[seconds.count / 4] }
    }
}
