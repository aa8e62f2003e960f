import ConvNetAIG
import ConvNetAIGTraining

/// Labelled images as a network's input, kept in memory: they are run many times.
public struct CalibrationImages: Sendable {
    /// Batches of images x channels x height x width, normalised, with the class of each in the network.
    let batches: [(images: Tensor, labels: [Int])]
    /// Images that could not be read, with the reason.
    public let failures: [String]

    /// Images.
    public var count: Int { batches.reduce(0) { $0 + $1.labels.count } }

    /// - Parameters:
    ///   - set: its classes are the network's of the same names, see `Evaluation`.
    ///   - limit: only so many images, evenly from all classes.
    /// - Throws: `DatasetError`, `SessionError`; `CancellationError` if the task it runs in is cancelled.
    public init(
        _ set: any Dataset, for session: Session, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads
    ) throws {
        var batches: [(images: Tensor, labels: [Int])] = []
        var failures: [String] = []
        let order = set.evenIndices(limit: limit)
        for batch in try EvaluationLoader(of: set, order: order, for: session, threads: threads) {
            try Task.checkCancellation()
            if !batch.labels.isEmpty { batches.append((batch.images, batch.labels)) }
            failures += batch.failures.map(\.reason)
        }
        self.batches = batches
        self.failures = failures
    }
}
