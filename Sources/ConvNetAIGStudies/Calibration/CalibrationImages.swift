import ConvNetAIG
import ConvNetAIGTraining

/// Labelled images as a network's input, kept in memory since they are run many times.
public struct CalibrationImages: Sendable {
    /// Batches of images x channels x height x width, normalised, with the class of each in the network.
    let batches: [(images: Tensor, labels: [Int])]
    /// Why images could not be read: a message for each of them.
    public let failures: [String]

    /// Number of images.
    public var count: Int { batches.reduce(0) { $0 + $1.labels.count } }

    /// Reads the images of a data set.
    ///
    /// - Parameters:
    ///   - set: its classes are the network's classes of the same names, see `Evaluation`.
    ///   - limit: the number of images to read, evenly from all classes; nil for all.
    ///   - threads: how many threads read and decode images.
    /// - Throws: `DatasetError`, `SessionError`; `CancellationError` if the task it runs in is cancelled.
    public init(
        _ set: any Dataset, for session: Session, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads
    ) throws {
        try self.init(set, for: session, limit: limit, threads: threads) { try Task.checkCancellation() }
    }

    /// Reads the images of a data set, without blocking the calling task's thread.
    ///
    /// - Throws: as the synchronous form.
    public init(
        _ set: any Dataset, for session: Session, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads
    ) async throws {
        self = try await offThread { cancellation in
            try CalibrationImages(
                set, for: session, limit: limit, threads: threads, checkCancellation: cancellation.check)
        }
    }

    init(
        _ set: any Dataset, for session: Session, limit: Int?, threads: Int, checkCancellation: () throws -> Void
    ) throws {
        var batches: [(images: Tensor, labels: [Int])] = []
        var failures: [String] = []
        let order = set.evenIndices(limit: limit)
        for batch in try EvaluationLoader(of: set, order: order, for: session, threads: threads) {
            try checkCancellation()
            if !batch.labels.isEmpty { batches.append((batch.images, batch.labels)) }
            failures += batch.failures.map(\.reason)
        }
        self.batches = batches
        self.failures = failures
    }
}

/// One run of all images of a calibration with some thresholds.
struct CalibrationPass {
    private(set) var position: BudgetCalibration.Position
    /// The log-odds of each gated block for each image: gated blocks x images.
    private(set) var logOdds: [[Float]]

    init(
        _ thresholds: [Float], _ session: Session, _ images: CalibrationImages,
        _ checkCancellation: () throws -> Void
    ) throws {
        let dense = Double(session.cost.macs)
        var (macs, largest, correct, count) = (0, 0, 0, 0)
        logOdds = [[Float]](repeating: [], count: thresholds.count)
        for (input, labels) in images.batches {
            try checkCancellation()
            let output = try session.run(input, policy: .logOdds(thresholds))
            for (image, label) in labels.enumerated() {
                let cost = session.cost.executedMACs(open: output.gates(of: image))
                macs += cost
                largest = max(largest, cost)
                if output.logits(of: image).argmax == label { correct += 1 }
                for (gate, value) in output.gateLogOdds(of: image).enumerated() { logOdds[gate].append(value) }
            }
            count += labels.count
        }
        position = BudgetCalibration.Position(
            thresholds: thresholds, share: Double(macs) / Double(max(count, 1)) / dense,
            largestShare: Double(largest) / dense, top1: Double(correct) / Double(max(count, 1)))
    }
}
