import OpenCL

/// Finds the fastest algorithm for each convolution of a network by timing the candidates on the device.
///
/// Sessions of the same runtime that are made afterwards use what was found, and so do other processes by way of the
/// runtime's ``TuningStore``. Without, sessions take what estimates say.
///
/// Drivers fail at some kernels, and compute others wrongly: a candidate is timed only if what it computes is what direct
/// convolution computes, to within ``tolerance``. Tuning goes on with the others.
public struct ConvolutionTuner: Sendable {
    /// How far a candidate's output may be from that of direct convolution, which sums in another order: the largest
    /// difference over the largest magnitude, for random inputs and weights.
    public static let tolerance = 1e-4

    private let runtime: OpenCLRuntime
    /// Timings of a candidate, of which the lower quartile counts.
    private let rounds: Int

    /// Candidates that are slower than the best by this factor are given up early.
    private static let hopeless = 1.5
    private static let roundsBeforeGivingUp = 2
    /// In seconds: shorter launches are timed several at once.
    private static let shortestSample = 0.0005
    private static let maxLaunches = 20

    /// How algorithms are computed: for tests, which break some of them.
    var describe:
        @Sendable (ConvolutionAlgorithm, FusedConvolutionSettings, DeviceTraits) -> any ConvolutionDescriptor = {
            $0.descriptor($1, $2)
        }

    /// A tuner for a runtime's device.
    /// - Parameter rounds: how often each candidate is timed.
    public init(_ runtime: OpenCLRuntime, rounds: Int = 9) {
        self.runtime = runtime
        self.rounds = max(rounds, 1)
    }

    /// Times the candidates for every distinct convolution, and keeps the winners.
    ///
    /// - Parameters:
    ///   - convolutions: of a network.
    ///   - images: what sessions will be planned for.
    ///   - progress: called with each result, and with what share of the work is done.
    /// - Returns: the results in the order of the convolutions.
    /// - Throws: ``ConvolutionTuningError`` if no candidate works for one of the convolutions; `OpenCLError`, or
    ///   ``BackendError`` where the device has too little memory, if not even its input can be set up.
    package func tune(
        _ convolutions: [FusedConvolutionSettings], images: Int,
        progress: (ConvolutionTuningResult, Double) -> Void = { _, _ in }
    ) throws -> [ConvolutionTuningResult] {
        let occurrences = Dictionary(convolutions.map { ($0, 1) }, uniquingKeysWith: +)
        var results: [ConvolutionTuningResult] = []
        var seen: Set<FusedConvolutionSettings> = []
        for settings in convolutions where seen.insert(settings).inserted {
            let result = try tune(settings, occurrences: occurrences[settings] ?? 1, images: images)
            results.append(result)
            progress(result, Double(results.count) / Double(occurrences.count))
        }
        return results
    }

    /// - Throws: as ``tune(_:images:progress:)``.
    func tune(_ settings: FusedConvolutionSettings, occurrences: Int, images: Int) throws -> ConvolutionTuningResult {
        let bench = try ConvolutionBench(settings, on: runtime, images: images)
        let expected = try directOutput(settings, on: bench)
        let standard = ConvolutionAlgorithm.standard(settings, runtime.traits, images: images)
        var leftOut: [ConvolutionTuningResult.LeftOut] = []
        var trials: [Trial] = []
        func leaveOut(_ algorithm: ConvolutionAlgorithm, _ reason: ConvolutionTuningResult.LeftOut.Reason) {
            leftOut.append(.init(name: algorithm.description, isStandard: algorithm == standard, reason: reason))
        }
        for algorithm in ConvolutionAlgorithm.candidates(settings, runtime.traits, images: images) {
            do {
                let convolution = try bench.convolution(describe(algorithm, settings, runtime.traits))
                // The first launch compiles.
                let deviation = try bench.output(of: convolution).deviation(from: expected)
                if deviation <= Self.tolerance {
                    trials.append(Trial(algorithm: algorithm, convolution: convolution))
                } else {
                    leaveOut(algorithm, .wrong(deviation: deviation))
                }
            } catch {
                leaveOut(algorithm, .failed("\(error)"))
            }
        }
        time(&trials, on: bench)
        for trial in trials { if let failure = trial.failure { leaveOut(trial.algorithm, .failed(failure)) } }
        let timed = trials.compactMap { trial in trial.failure == nil ? trial.time.map { (trial.algorithm, $0) } : nil }
            .sorted { $0.1 < $1.1 }
        guard let winner = timed.first?.0 else {
            throw ConvolutionTuningError.nothingWorks(settings, device: runtime.device.description, leftOut)
        }
        let failure = runtime.tuning.add([ConvolutionChoice(settings: settings, images: images): winner])
        return ConvolutionTuningResult(
            settings: settings, occurrences: occurrences, images: images,
            candidates: timed.map { algorithm, seconds in
                .init(name: algorithm.description, seconds: seconds, isStandard: algorithm == standard)
            },
            leftOut: leftOut, notKept: failure)
    }

    /// Candidates take turns, so that what disturbs the machine disturbs all, and large weights have left the caches when
    /// it is a candidate's turn again, as they have in a network.
    private func time(_ trials: inout [Trial], on bench: ConvolutionBench) {
        for round in 0..<rounds {
            let best = trials.compactMap { $0.failure == nil ? $0.time : nil }.min() ?? .infinity
            for index in trials.indices where trials[index].failure == nil {
                if round >= Self.roundsBeforeGivingUp, let time = trials[index].time,
                    time > Self.hopeless * best
                {
                    continue
                }
                let usual = trials[index].time ?? Self.shortestSample
                let launches = min(max(Int(Self.shortestSample / usual), 1), Self.maxLaunches)
                do {
                    trials[index].seconds.append(try bench.time(trials[index].convolution, launches: launches))
                } catch {
                    trials[index].failure = "\(error)"
                }
            }
        }
    }

    /// What candidates are held against: the output of direct convolution in its plainest form, a pixel at a time, or else
    /// of the first form that works.
    private func directOutput(_ settings: FusedConvolutionSettings, on bench: ConvolutionBench) throws
        -> ConvolutionOutput
    {
        let plain = DirectConvolution.Tile(rows: 1, pixels: 1, vectors: 1)
        let others = DirectTileCost.candidates(settings, runtime.traits).sorted().map(\.tile).filter { $0 != plain }
        var leftOut: [ConvolutionTuningResult.LeftOut] = []
        for algorithm in ([plain] + others).map(ConvolutionAlgorithm.direct) {
            let reason: ConvolutionTuningResult.LeftOut.Reason
            do {
                let output = try bench.output(
                    of: bench.convolution(describe(algorithm, settings, runtime.traits)))
                if output.isFinite { return output }
                reason = .wrong(deviation: .infinity)
            } catch {
                reason = .failed("\(error)")
            }
            leftOut.append(.init(name: algorithm.description, isStandard: false, reason: reason))
        }
        throw ConvolutionTuningError.nothingWorks(settings, device: runtime.device.description, leftOut)
    }

    private struct Trial {
        let algorithm: ConvolutionAlgorithm
        let convolution: OpenCLBackend.Convolution
        var seconds: [Double] = []
        /// Why it was given up.
        var failure: String?

        /// The lower quartile: what disturbs a launch only ever makes it longer, and may disturb most of a few.
        var time: Double? { seconds.isEmpty ? nil : seconds.sorted()[seconds.count / 4] }
    }
}
