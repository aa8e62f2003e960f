/// A source of training batches. Each batch has to be a function of the epoch and of its place in it: resuming a run relies
/// on that.
public protocol BatchSource {
    /// The batches of one epoch.
    associatedtype Batches: BatchIterator

    /// Batches of every epoch.
    var batchesPerEpoch: Int { get }

    /// Begins an epoch.
    ///
    /// - Parameters:
    ///   - epoch: index of the epoch, from 0.
    ///   - first: index of the batch to begin with.
    func batches(epoch: Int, from first: Int) throws -> Batches
}

/// The batches of an epoch, one after the other.
public protocol BatchIterator {
    /// The next batch; nil after the last one. A batch may have fewer images than others, or none, if some could not be
    /// read.
    mutating func next() throws -> Batch?

    /// Number of images that were left out of the batches so far because they could not be read.
    var skipped: Int { get }
}

extension BatchIterator {
    /// No images were left out.
    public var skipped: Int { 0 }
}
