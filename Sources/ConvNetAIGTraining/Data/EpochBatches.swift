import Synchronization

/// The batches of one epoch, in order. When it is released or stopped, the threads that make them end.
public final class EpochBatches: TrainingBatchIterator, Sendable {
    private let loader: DataLoader
    private let pipeline: ImagePipeline
    private let missing = Atomic(0)

    init(_ loader: DataLoader, _ pipeline: ImagePipeline) {
        self.loader = loader
        self.pipeline = pipeline
    }

    deinit { pipeline.stop() }

    /// The next batch, waiting for it if need be; nil behind the last one. Every batch keeps its place, even if none of its
    /// images can be read.
    /// - Throws: ``DatasetError`` if no image of the whole set can be read.
    public func next() throws -> Batch? {
        if let made = pipeline.next() {
            loader.report(made.failures)
            let labels = made.indices.filter { made.failures[$0] == nil }.map {
                Int32(clamping: loader.images.label($0))
            }
            // Soon, rather than when the epoch is over and nothing has been learnt.
            if labels.isEmpty { try loader.requireReadableImage() }
            missing.add(made.indices.count - labels.count, ordering: .relaxed)
            return Batch(images: made.images, labels: labels)
        }
        guard pipeline.isFinished else { return nil }
        // Threads that have nothing left to do have ended; this is for their remains.
        pipeline.stop()
        try loader.requireReadableImage()
        return nil
    }

    /// Images of the batches given so far that could not be read.
    public var skipped: Int { missing.load(ordering: .relaxed) }

    /// Ends the threads before the last batch was taken; from then on there are no more batches.
    public func stop() { pipeline.stop() }
}
