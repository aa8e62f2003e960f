import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining

/// Attacks a network's images, each with the network's own gradients, and measures what it says of them, as they are and
/// recompressed as JPEG files.
public struct RobustnessStudy {
    private let name: String
    private let session: Session
    private let attacker: Attacker
    private let settings: RobustnessSettings
    private let preprocessing: Preprocessing

    /// - Parameters:
    ///   - name: what the figures call the network.
    ///   - session: the network as it classifies; its batch is how many images are run at a time.
    ///   - weights: the same network's.
    ///   - backend: where the attack runs.
    /// - Throws: ``AttackError`` for impossible settings; `ImageError.invalidQuality`; `SessionError`, `BackendError`,
    ///   `OpenCLError`.
    public init(
        of name: String, session: Session, weights: Weights, backend: BackendChoice, settings: RobustnessSettings
    ) throws {
        for attack in settings.attacks { try attack.validate() }
        if let quality = settings.jpegQuality, !(1...100).contains(quality) {
            throw ImageError.invalidQuality(quality)
        }
        guard let preprocessing = session.preprocessing else {
            throw SessionError.notThreeChannels(session.architecture.input.channels)
        }
        self.name = name
        self.session = session
        self.settings = settings
        self.preprocessing = preprocessing.withoutResizing
        attacker = try Attacker(
            weights: weights, backend: backend, batch: session.batch,
            normalization: (preprocessing.mean, preprocessing.std))
    }

    /// Attacks every image of a set.
    ///
    /// - Parameters:
    ///   - limit: only so many images, evenly from all classes.
    ///   - progress: called after each batch with the number of images done.
    /// - Returns: rows for the unchanged images and for every epsilon, each without and, where a quality is set, with
    ///   recompression.
    /// - Throws: `DatasetError`, `OpenCLError`; `CancellationError` if the task it runs in is cancelled.
    public func callAsFunction(
        _ set: any Dataset, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads, progress: (_ done: Int) -> Void = { _ in }
    ) throws -> RobustnessFigures {
        try measure(set, policy: policy, limit: limit, threads: threads, progress: progress).figures
    }

    /// As `callAsFunction`, with what became of each image.
    func measure(
        _ set: any Dataset, policy: GatePolicy, limit: Int?, threads: Int, progress: (_ done: Int) -> Void
    ) throws -> (figures: RobustnessFigures, outcomes: AttackOutcomes) {
        let epsilons = [0] + settings.epsilons
        let qualities: [Int?] = settings.jpegQuality.map { [nil, $0] } ?? [nil]
        var tallies = epsilons.map { _ in qualities.map { _ in RobustnessTally() } }
        var indices: [Int] = []
        let order = set.evenIndices(limit: limit)
        for batch in try EvaluationLoader(of: set, order: order, for: session, threads: threads)
        where !batch.labels.isEmpty {
            try Task.checkCancellation()
            let attacked = try attacker.attack(
                settings.attacks, batch.images, labels: batch.labels, firstImage: indices.count)
            var before: [[Bool]] = []
            for (strength, images) in ([batch.images] + attacked).enumerated() {
                for (defence, quality) in qualities.enumerated() {
                    let seen = try quality.map { try recompressed(images, quality: $0) } ?? images
                    let predictions = try session.predict(
                        seen, policy: policy, candidates: 1, firstImage: indices.count)
                    if before.isEmpty { before = predictions.map(\.graph.gates) }
                    for (image, prediction) in predictions.enumerated() {
                        tallies[strength][defence].add(
                            prediction, label: batch.labels[image], before: before[image])
                    }
                }
            }
            indices += batch.indices
            progress(indices.count)
        }
        let figures = RobustnessFigures(
            attack: settings.name, images: indices.count,
            rows: zip(epsilons, tallies).flatMap { epsilon, tallies in
                zip(qualities, tallies).map { quality, tally in
                    tally.row(
                        model: name, denseMACs: session.cost.macs, epsilon: Double(epsilon), jpegQuality: quality)
                }
            })
        // The first defence is none, and the first strength is nothing.
        let isRight = tallies.map { $0.first?.isRight ?? [] }
        return (
            figures,
            AttackOutcomes(indices: indices, unchanged: isRight.first ?? [], attacked: Array(isRight.dropFirst()))
        )
    }

    /// Images after they were saved as JPEG files and opened again.
    private func recompressed(_ images: Tensor, quality: Int) throws -> Tensor {
        let input = session.architecture.input
        var values: [Float] = []
        values.reserveCapacity(images.values.count)
        for start in stride(from: 0, to: images.values.count, by: input.count) {
            let image = try preprocessing.image(
                of: images.values[start..<start + input.count], width: input.width, height: input.height)
            let file = try image.jpeg(quality: quality)
            values += try preprocessing(Image(decoding: file, name: "a recompressed picture"))
        }
        return try Tensor(shape: images.shape, values: values)
    }
}
