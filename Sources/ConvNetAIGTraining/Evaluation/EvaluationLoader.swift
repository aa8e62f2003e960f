import ConvNetAIG

/// The images of a dataset in batches of a session's size, decoded ahead of time by several threads.
///
/// ``ClassMatching`` decides which of the network's classes each class of the dataset is.
package final class EvaluationLoader: Sequence, IteratorProtocol {
    /// Images as a network's input, with their classes in the network.
    package struct Batch: Sendable {
        /// Indices in the dataset of the images that could be read.
        package let indices: [Int]
        /// Those images: images x channels x height x width, normalised.
        package let images: Tensor
        /// The class of each of them, in the network.
        package let labels: [Int]
        /// Images that could not be read, by their index in the dataset, with the reason.
        package let failures: [(index: Int, reason: String)]
    }

    private let pipeline: ImagePipeline
    private let set: any Dataset
    private let input: FeatureShape
    /// The network's class for each class of the dataset.
    package let networkClasses: [Int]
    /// Names of the network's classes: those in the weights, or else the dataset's, and numbers where neither has a name.
    package let classNames: [String]

    /// - Parameters:
    ///   - set: the images.
    ///   - order: the images' indices in the dataset.
    ///   - session: decides batch size, preprocessing and classes.
    ///   - threads: threads that read and decode; they change no result.
    /// - Throws: `DatasetError` if the network lacks a class of the dataset; `SessionError` if the network does not take
    ///   images.
    package init(
        of set: any Dataset, order: [Int], for session: Session, threads: Int = DataLoader.defaultThreads
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

    /// The next batch, waiting for it if need be; nil after the last one.
    package func next() -> Batch? {
        guard let batch = pipeline.next() else { return nil }
        let readable = batch.indices.filter { batch.failures[$0] == nil }
        // The pipeline fills as many values as there are readable images.
        guard
            let images = try? Tensor(
                shape: [readable.count, input.channels, input.height, input.width], values: batch.images)
        else { preconditionFailure("a batch has other values than its pictures") }
        return Batch(
            indices: readable, images: images, labels: readable.map { networkClasses[set.label($0)] },
            failures: batch.indices.compactMap { index in batch.failures[index].map { (index, $0) } })
    }
}
