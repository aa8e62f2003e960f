import ConvNetAIG

/// The images of a set, decoded ahead by several threads, in batches of a session's size.
///
/// Which of the network's classes a class of the set is, ``ClassMatching`` says.
package final class LabelledBatches: Sequence, IteratorProtocol {
    private let pipeline: ImagePipeline
    private let set: any Dataset
    private let input: FeatureShape
    /// The network's class for each of the set's.
    package let networkClasses: [Int]
    /// Names of the network's classes: those of the weights, or else of the set's, and numbers where neither names them.
    package let classNames: [String]

    /// - Parameters:
    ///   - order: the images, by their indices in the set.
    ///   - threads: how many threads read and decode. They change no result.
    /// - Throws: ``DatasetError`` if a class of the set is none of the network's; `SessionError` if the network does not take
    ///   images.
    package init(
        of set: any Dataset, order: [Int], for session: Session, threads: Int = DataLoader.usualThreads
    ) throws {
        self.set = set
        input = session.architecture.input
        let networkClasses = try ClassMatching(
            set.classes, to: session.classNames,
            others: ImageNetClasses.otherNames(classes: session.architecture.classes),
            count: session.architecture.classes, path: set.path
        ).indices
        self.networkClasses = networkClasses
        classNames =
            session.classNames
            ?? (0..<session.architecture.classes).map { label in
                networkClasses.firstIndex(of: label).map { set.classes[$0] } ?? "\(label)"
            }
        guard let preprocessing = session.preprocessing else {
            throw SessionError.notThreeChannels(input.channels)
        }
        pipeline = ImagePipeline(
            order: order, batchSize: session.batch, batches: 0..<(order.count + session.batch - 1) / session.batch,
            valueCount: input.count, threads: threads, ahead: 2
        ) { index, memory in try preprocessing(set.image(index), into: memory) }
    }

    deinit { pipeline.stop() }

    package func next() -> LabelledBatch? {
        guard let batch = pipeline.next() else { return nil }
        let readable = batch.indices.filter { batch.failures[$0] == nil }
        // The pipeline fills as many values as there are readable images.
        guard
            let images = try? Tensor(
                shape: [readable.count, input.channels, input.height, input.width], values: batch.images)
        else { preconditionFailure("a batch has other values than its pictures") }
        return LabelledBatch(
            indices: readable, images: images, labels: readable.map { networkClasses[set.label($0)] },
            failures: batch.indices.compactMap { index in batch.failures[index].map { (index, $0) } })
    }
}
