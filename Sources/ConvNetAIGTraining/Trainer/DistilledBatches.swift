import ConvNetAIG

/// The batches of a source, each with a teacher's logits.
struct DistilledBatches<Source: TrainingBatches>: TrainingBatches {
    let source: Source
    let teacher: Teacher
    /// Of the network that learns, and of its images where they are others.
    let input: FeatureShape
    let sizes: ImageSizes?

    struct Batches: TrainingBatchIterator {
        var source: Source.Batches
        let teacher: Teacher
        let input: FeatureShape

        mutating func next() throws -> Batch? {
            guard var batch = try source.next() else { return nil }
            batch.teacherLogits = try teacher.logits(of: batch, input: input)
            return batch
        }

        var skipped: Int { source.skipped }
    }

    var batchesPerEpoch: Int { source.batchesPerEpoch }

    func batches(epoch: Int, from first: Int) throws -> Batches {
        Batches(
            source: try source.batches(epoch: epoch, from: first), teacher: teacher,
            input: sizes?.input(epoch: epoch, own: input) ?? input)
    }
}
