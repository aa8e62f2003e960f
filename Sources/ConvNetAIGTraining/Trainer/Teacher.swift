import ConvNetAIG
import FileSystem

/// The network that distillation learns from, on the device that trains. Like the network that learns it takes images of any
/// size, since its weights do not depend on it. Used by one task at a time.
final class Teacher {
    private let weights: Weights
    private let backend: BackendChoice
    private let batch: Int
    /// For images of the latest size.
    private var session: Session?
    /// Checksum of the parameters: a resumed run must learn from the same network.
    let checksum: String

    /// - Parameters:
    ///   - path: of the teacher's weights.
    ///   - architecture: of the network that learns.
    ///   - data: the images' normalization and the classes' names.
    ///   - backend: where to run.
    ///   - batch: maximum number of images per step.
    /// - Throws: ``TrainingError/unusableTeacher(path:problem:)`` if its input, normalization or classes are not the
    ///   network's; `WeightsError` and `SafetensorsError` for its file; what the device reports.
    init(
        path: String, for architecture: Architecture, data: TrainingData, backend: BackendChoice, batch: Int
    ) throws {
        let weights = try Weights(path: path)
        let own = weights.architecture
        func require(_ isFit: Bool, _ problem: String) throws {
            guard isFit else { throw TrainingError.unusableTeacher(path: path, problem: problem) }
        }
        try require(
            own.input == architecture.input, "its input is \(own.input), the network's is \(architecture.input)")
        try require(
            own.classes == architecture.classes,
            "it tells apart \(own.classes) classes, and the pictures have \(architecture.classes)")
        if let names = weights.classNames, let classes = data.classNames, classes != ImageNetClasses.wordNetIDs {
            try require(names == classes, "its classes are others, or in another order: \(names), not \(classes)")
        }
        let normalization = weights.inputNormalization
        try require(
            normalization.mean == data.mean && normalization.std == data.std,
            "its pictures are normalised otherwise: mean \(normalization.mean) and std \(normalization.std), not "
                + "\(data.mean) and \(data.std)")
        var checksum = Checksum()
        for (name, tensor) in try weights.tensors().sorted(by: { $0.key < $1.key }) { checksum.add(name, tensor) }
        self.checksum = String(checksum.value, radix: 16)
        (self.weights, self.backend, self.batch) = (weights, backend, batch)
        _ = try session(for: own.input)
    }

    private func session(for input: FeatureShape) throws -> Session {
        if let session, session.architecture.input == input { return session }
        // Frees the old session's memory before the new one takes its own.
        session = nil
        let own = weights.architecture
        let resized =
            input == own.input
            ? weights : try Weights(architecture: own.with(input: input), tensors: weights.tensors())
        let made = try Session(weights: resized, backend: backend, batch: batch)
        session = made
        return made
    }

    /// The logits for a batch: count x classes.
    ///
    /// - Parameter input: shape of the batch's images.
    func logits(of batch: Batch, input: FeatureShape) throws -> [Float] {
        guard batch.count > 0 else { return [] }
        let session = try session(for: input)
        let output = try session.run(
            Tensor(shape: [batch.count, input.channels, input.height, input.width], values: batch.images))
        return (0..<output.images).flatMap { output.logits(of: $0) }
    }
}

/// The batches of another source, each with a teacher's logits.
struct DistillationSource<Source: BatchSource>: BatchSource {
    let source: Source
    let teacher: Teacher
    /// Input of the network that learns, and its images' size by epoch if that differs.
    let input: FeatureShape
    let sizes: ImageSizes?

    struct Epoch: BatchIterator {
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

    func batches(epoch: Int, from first: Int) throws -> Epoch {
        Epoch(
            source: try source.batches(epoch: epoch, from: first), teacher: teacher,
            input: sizes?.input(epoch: epoch, own: input) ?? input)
    }
}
