/// The batches of an epoch, one after the other.
public protocol TrainingBatchIterator {
    /// nil after the last batch. A batch may have fewer images than others, or none, where some could not be read.
    mutating func next() throws -> Batch?

    /// Images of the batches given so far that could not be read.
    var skipped: Int { get }
}

extension TrainingBatchIterator {
    public var skipped: Int { 0 }
}
