import ConvNetAIG

/// The networks of a series, taking turns on one device.
struct ScalingMatch {
    let runtime: OpenCLRuntime
    let scheduling: Scheduling
    let images: ImageSource
    let budget: TimeBudget
    let seed: UInt64

    /// A network of the series and its times, in seconds for a batch, one for each round.
    private struct Runner {
        let contender: Contender
        let inputs: [Tensor]
        var shortest = Double.infinity
        var rounds: [Double] = []

        var turn: PeerTurn { PeerTurn(expecting: shortest * 1e3) }
    }

    /// - Returns: a result for each point that the device has memory for, and what is left out.
    func run(_ series: ScalingSeries) throws -> (results: [ScalingResult], omissions: [String]) {
        var runners: [Runner] = []
        var omissions: [String] = []
        var known: (architecture: Architecture, weights: Weights)?
        for point in series.points {
            let weights: Weights
            if let known, known.architecture == point.architecture {
                weights = known.weights
            } else {
                weights = Weights.random(for: point.architecture, seed: seed)
            }
            known = (point.architecture, weights)
            do {
                let session = try Session(
                    weights: weights, backend: .openCL(runtime), batch: point.batch, scheduling: scheduling)
                runners.append(
                    Runner(
                        contender: Contender(session: session, routes: .dense),
                        inputs: try images.batches(of: point.batch, for: session)))
            } catch let error as BackendError {
                omissions.append("\(point.architecture.name), batch \(point.batch): \(error)")
            }
        }
        try takeTurns(&runners)
        return (runners.compactMap { result($0, series.kind) }, omissions)
    }

    private func takeTurns(_ runners: inout [Runner]) throws {
        let clock = ContinuousClock()
        for index in runners.indices {
            // The first run compiles.
            for run in 0..<3 {
                let seconds = try runners[index].contender.time(runners[index].inputs[0], run: run).seconds
                runners[index].shortest = min(runners[index].shortest, seconds)
            }
        }
        let start = clock.now
        var round = 0
        while budget.wantsRound(
            after: round, seconds: start.duration(to: clock.now) / .seconds(1), networks: runners.count)
        {
            for index in runners.indices {
                let (runner, turn) = (runners[index], runners[index].turn)
                let input = runner.inputs[round % runner.inputs.count]
                for _ in 0..<turn.untimed { _ = try runner.contender.time(input, run: round) }
                let seconds = try (0..<turn.timed).map { _ in try runner.contender.time(input, run: round).seconds }
                if let median = Statistics.median(of: seconds) { runners[index].rounds.append(median) }
            }
            round += 1
        }
    }

    private func result(_ runner: Runner, _ kind: ScalingSeries.Kind) -> ScalingResult? {
        guard let seconds = Statistics.median(of: runner.rounds) else { return nil }
        let session = runner.contender.session
        let memory = session.memory
        let input = session.architecture.input
        return ScalingResult(
            series: kind, architecture: session.architecture.name, height: input.height, width: input.width,
            batch: session.batch, device: session.deviceName, macs: session.cost.macs,
            msPerImage: seconds * 1e3 / Double(session.batch),
            bytesPerImage: Double(memory.total) / Double(session.batch), weightBytes: memory.weights,
            activationBytes: memory.activations, activationBytesUnshared: memory.activationsUnshared,
            rounds: runner.rounds.count)
    }
}
