import ConvNetAIG
import Statistics

/// Networks that differ in one thing only, the smallest first.
struct ScalingSeries {
    /// The quantity that grows.
    enum Kind: String, Codable, CaseIterable {
        case batch, depth, size
    }

    /// A row of the table.
    struct Point: Hashable {
        let architecture: Architecture
        let batch: Int
    }

    let kind: Kind
    let points: [Point]

    /// All series: batch sizes of two networks, depths of both families, and input sizes of ResNet-50.
    ///
    /// - Parameters:
    ///   - quick: fewer of each.
    ///   - batches: batch sizes instead of the usual ones.
    static func all(quick: Bool, batches: [Int]?) throws(ArchitectureError) -> [ScalingSeries] {
        let batches = (batches ?? (quick ? [1, 4, 16] : [1, 2, 4, 8, 16, 32, 64])).sorted()
        let batchNetworks = quick ? ["resnet-cifar-20"] : ["resnet-cifar-110", "resnet-50"]
        let depths =
            quick
            ? [["resnet-cifar-20", "resnet-cifar-56"], ["resnet-18", "resnet-50"]]
            : [
                ["resnet-cifar-20", "resnet-cifar-32", "resnet-cifar-44", "resnet-cifar-56", "resnet-cifar-110"],
                ["resnet-18", "resnet-34", "resnet-50", "resnet-101"],
            ]
        var series: [ScalingSeries] = []
        for name in batchNetworks {
            let architecture = try Architecture(named: name)
            series.append(
                ScalingSeries(kind: .batch, points: batches.map { Point(architecture: architecture, batch: $0) }))
        }
        for names in depths {
            var points: [Point] = []
            for name in names { points.append(Point(architecture: try Architecture(named: name), batch: 1)) }
            series.append(ScalingSeries(kind: .depth, points: points))
        }
        var points: [Point] = []
        for side in quick ? [128, 224] : [128, 160, 224, 288] {
            let architecture = try Architecture(
                named: "resnet-50", input: FeatureShape(height: side, width: side))
            points.append(Point(architecture: architecture, batch: 1))
        }
        series.append(ScalingSeries(kind: .size, points: points))
        return series
    }

    /// For progress and messages.
    var title: String {
        let name = points.first?.architecture.name ?? ""
        return switch kind {
        case .batch: "batches of \(name)"
        case .depth: "depths from \(name) on"
        case .size: "input sizes of \(name)"
        }
    }
}

/// The networks of a series, taking turns on one device.
struct ScalingMatch {
    let conditions: Conditions

    /// A network of the series and its times, in seconds for a batch, one for each round.
    private struct Runner {
        let contender: Contender
        let inputs: [Tensor]
        var shortest = Double.infinity
        var rounds: [Double] = []

        var turn: Turn { Turn(expecting: shortest * 1e3) }
    }

    /// - Returns: a result for each point that the device has memory for, and which ones are left out.
    func run(_ series: ScalingSeries) throws -> (results: [ScalingResult], omissions: [String]) {
        var runners: [Runner] = []
        var omissions: [String] = []
        var known: (architecture: Architecture, weights: Weights)?
        for point in series.points {
            let weights: Weights
            if let known, known.architecture == point.architecture {
                weights = known.weights
            } else {
                weights = Weights.random(for: point.architecture, seed: conditions.seed)
            }
            known = (point.architecture, weights)
            do {
                let session = try Session(
                    weights: weights, backend: .openCL(conditions.runtime), batch: point.batch,
                    scheduling: conditions.scheduling)
                runners.append(
                    Runner(
                        contender: Contender(session: session, routes: .dense),
                        inputs: try conditions.images.batches(of: point.batch, for: session)))
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
        while conditions.budget.wantsRound(
            after: round, seconds: start.duration(to: clock.now) / .seconds(1), networks: runners.count)
        {
            for index in runners.indices {
                let (runner, turn) = (runners[index], runners[index].turn)
                let input = runner.inputs[round % runner.inputs.count]
                for _ in 0..<turn.untimed { _ = try runner.contender.time(input, run: round) }
                let seconds = try (0..<turn.timed).map { _ in try runner.contender.time(input, run: round).seconds }
                if let median = seconds.median { runners[index].rounds.append(median) }
            }
            round += 1
        }
    }

    private func result(_ runner: Runner, _ kind: ScalingSeries.Kind) -> ScalingResult? {
        guard let seconds = runner.rounds.median else { return nil }
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
