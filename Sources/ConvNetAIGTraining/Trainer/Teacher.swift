import ConvNetAIG

/// The network that distillation learns from, on the device that trains.
struct Teacher {
    private let session: Session
    /// Of its parameters: a resumed run must learn from the same network.
    let checksum: String

    /// - Parameters:
    ///   - architecture: of the network that learns.
    ///   - data: what pictures are normalised with, and the classes' names.
    ///   - batch: pictures of a step, at most.
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
        session = try Session(weights: weights, backend: backend, batch: batch)
    }

    /// - Returns: count x classes.
    func logits(of batch: TrainingBatch) throws -> [Float] {
        guard batch.count > 0 else { return [] }
        let input = session.architecture.input
        let output = try session.run(
            Tensor(shape: [batch.count, input.channels, input.height, input.width], values: batch.images))
        return (0..<output.images).flatMap { output.logits(of: $0) }
    }
}
