import ConvNetAIG
import OpenCL

/// A ResNet and its adaptive networks, taking turns on one device, or on one processor with several drivers: whatever changes
/// meanwhile, such as the clock rate or other load, affects all of them alike.
struct LatencyMatch {
    let conditions: Conditions
    let batch: Int

    /// Far from the numbers of measured runs, so that none of them repeats a warm-up's routes.
    private static let firstWarmUpRun = 1_000_000_000

    /// - Parameters:
    ///   - plain: the ResNet's weights.
    ///   - adaptive: the adaptive network's weights; nil to measure the ResNet alone.
    ///   - routes: those of the adaptive network. Each gets a session of its own, as automatic scheduling learns
    ///     from what its session ran.
    func run(plain: Weights, adaptive: Weights?, routes: [Routes]) throws -> LatencyResults {
        var result = LatencyResults()
        var contenders: [Contender] = []
        // Of each device, the ResNet comes first: where the others find theirs.
        var references: [Int] = []
        for runtime in [conditions.runtime] + conditions.otherRuntimes {
            let reference = contenders.count
            do {
                contenders.append(try contender(plain, .dense, on: runtime))
            } catch  where isShortOfMemory(error) {
                result.omissions.append(
                    omission(plain.architecture.name, error)
                        + (adaptive.map { "; without it nothing to compare \($0.architecture.name) with" } ?? ""))
                continue
            }
            for routes in adaptive == nil ? [] : routes {
                guard let adaptive else { continue }
                do {
                    contenders.append(try contender(adaptive, routes, on: runtime))
                } catch  where isShortOfMemory(error) {
                    result.omissions.append(omission("\(adaptive.architecture.name) (\(routes.label))", error))
                }
            }
            references += [Int](repeating: reference, count: contenders.count - reference)
        }
        guard !contenders.isEmpty else { return result }
        try takeTurns(&contenders)
        result.rows = zip(contenders, references).compactMap { contender, reference in
            contender.result(against: contenders[reference].samples).map {
                MeasuredRow(
                    result: $0, runs: contender.samples.seconds.count,
                    areRoutesDrawn: contender.routes.areDrawn)
            }
        }
        return result
    }

    /// A session that has run once: some drivers allocate memory only when it is first used.
    private func contender(_ weights: Weights, _ routes: Routes, on runtime: OpenCLRuntime) throws -> Contender {
        let session = try Session(
            weights: weights, backend: .openCL(runtime), batch: batch,
            scheduling: conditions.scheduling)
        let shape = session.architecture.input
        let blank = try Tensor(shape: [batch, shape.channels, shape.height, shape.width])
        // Every block once, so that the kernels of all of them are there.
        _ = try session.run(blank, policy: .always)
        return Contender(session: session, routes: routes)
    }

    private func takeTurns(_ contenders: inout [Contender]) throws {
        let inputs = try conditions.images.batches(of: batch, for: contenders[0].session)
        let (budget, clock) = (conditions.budget, ContinuousClock())

        var start = clock.now
        var rounds = 0
        while budget.wantsWarmUp(
            after: rounds, seconds: start.duration(to: clock.now) / .seconds(1), networks: contenders.count)
        {
            for contender in contenders {
                _ = try contender.time(inputs[rounds % inputs.count], run: Self.firstWarmUpRun + rounds)
            }
            rounds += 1
        }

        start = clock.now
        rounds = 0
        while budget.wantsRound(
            after: rounds, seconds: start.duration(to: clock.now) / .seconds(1), networks: contenders.count)
        {
            for index in contenders.indices {
                try contenders[index].sample(inputs[rounds % inputs.count], run: rounds)
            }
            rounds += 1
        }
    }

    private func omission(_ what: String, _ error: any Error) -> String {
        "\(what), batch \(batch): \(error)"
    }

    /// Whether the device has too little memory for the batch.
    private func isShortOfMemory(_ error: any Error) -> Bool {
        if error is BackendError { return true }
        guard let error = error as? OpenCLError else { return false }
        return [
            "CL_MEM_OBJECT_ALLOCATION_FAILURE", "CL_OUT_OF_RESOURCES", "CL_OUT_OF_HOST_MEMORY",
            "CL_INVALID_BUFFER_SIZE",
        ].contains(error.name)
    }
}

/// All rows of a run, and why others are missing.
struct LatencyResults {
    var rows: [MeasuredRow] = []
    var omissions: [String] = []
}

/// A result, and the number of timed runs behind it.
struct MeasuredRow: Hashable {
    let result: BenchmarkResult
    let runs: Int
    /// Whether its routes were drawn anew for each run.
    let areRoutesDrawn: Bool
}
