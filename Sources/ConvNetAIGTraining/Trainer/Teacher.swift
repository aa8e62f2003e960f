import ConvNetAIG
import FileSystem

/// The network that distillation learns from, on the device that trains. It sees images of any size, as the network that
/// learns does: its weights do not depend on it. Used by one task at a time.
final class Teacher {
    private let weights: Weights
    private let backend: BackendChoice
    private let batch: Int
    /// For images of the size that came last.
    private var session: Session?
    /// Of its parameters: a resumed run must learn from the same network.
    let checksum: String

    /// - Parameters:
    ///   - architecture: of the network that learns.
    ///   - data: what images are normalised with, and the classes' names.
    ///   - batch: images of a step, at most.
    /// - Throws: ``TrainingError/unusableTeacher(path:problem:)`` if it does not see and name what the network does;
    ///   `WeightsError` and `SafetensorsError` for its file; what the device reports.
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
        // Only one takes memory.
        session = nil
        let own = weights.architecture
        let resized =
            input == own.input
            ? weights : try Weights(architecture: own.with(input: input), tensors: weights.tensors())
        let made = try Session(weights: resized, backend: backend, batch: batch)
        session = made
        return made
    }

    /// - Parameter input: of the batch's images.
    /// - Returns: count x classes.
    func logits(of batch: Batch, input: FeatureShape) throws -> [Float] {
        guard batch.count > 0 else { return [] }
        let session = try session(for: input)
        let output = try session.run(
            Tensor(shape: [batch.count, input.channels, input.height, input.width], values: batch.images))
        return (0..<output.images).flatMap { output.logits(of: $0) }
    }
}
