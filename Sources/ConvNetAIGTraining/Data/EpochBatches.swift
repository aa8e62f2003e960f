/// The batches of one epoch, in order. When it is released or stopped, the threads that make them end.
public final class EpochBatches: Sendable {
    private let loader: BatchLoader
    private let pipeline: PicturePipeline

    init(_ loader: BatchLoader, _ pipeline: PicturePipeline) {
        self.loader = loader
        self.pipeline = pipeline
    }

    deinit { pipeline.stop() }

    /// The next batch, waiting for it if need be; nil behind the last one. Batches without a picture that can be read are
    /// passed over.
    /// - Throws: ``DataSetError`` if no picture of the whole set can be read.
    public func next() throws -> TrainingBatch? {
        while let next = try nextOfAny() {
            if next.batch.count > 0 { return next.batch }
        }
        return nil
    }

    /// The next batch, even if none of its pictures can be read, and how many of them could not.
    func nextOfAny() throws -> (batch: TrainingBatch, skipped: Int)? {
        if let made = pipeline.next() {
            loader.report(made.failures)
            let labels = made.indices.filter { made.failures[$0] == nil }.map {
                Int32(clamping: loader.pictures.label($0))
            }
            return (TrainingBatch(images: made.images, labels: labels), made.indices.count - labels.count)
        }
        guard pipeline.isFinished else { return nil }
        // Threads that have nothing left to do have ended; this is for their remains.
        pipeline.stop()
        try loader.requireReadablePicture()
        return nil
    }

    /// Ends the threads before the last batch was taken; from then on there are no more batches.
    public func stop() { pipeline.stop() }
}
