extension BatchLoader: TrainingBatches {
    public func batches(epoch: Int, from first: Int) throws -> any TrainingBatchIterator {
        let batches: EpochBatches = batches(epoch: epoch, from: first)
        return LoadedBatches(batches: batches)
    }

    /// Batches as a ``Trainer`` takes them: each in its place, even if none of its pictures can be read.
    private struct LoadedBatches: TrainingBatchIterator {
        let batches: EpochBatches
        private(set) var skipped = 0

        init(batches: EpochBatches) {
            self.batches = batches
        }

        mutating func next() throws -> TrainingBatch? {
            guard let next = try batches.nextOfAny() else { return nil }
            skipped += next.skipped
            return next.batch
        }
    }
}
