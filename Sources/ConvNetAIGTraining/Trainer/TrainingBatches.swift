/// Where a ``Trainer`` gets its batches from. What it gives must be a function of the epoch and the place of the batch in
/// it: resuming a run relies on that.
public protocol TrainingBatches {
    associatedtype Batches: TrainingBatchIterator

    /// Batches of every epoch.
    var batchesPerEpoch: Int { get }

    /// The batches of an epoch.
    ///
    /// - Parameters:
    ///   - epoch: counts from 0.
    ///   - first: leave out those before.
    func batches(epoch: Int, from first: Int) throws -> Batches
}
