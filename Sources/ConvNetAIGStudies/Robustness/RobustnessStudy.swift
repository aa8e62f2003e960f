import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import Statistics

/// The accuracy of a network on images that are attacked with the network's own gradients, as they are and recompressed as JPEG
/// files. Used by one task at a time.
public struct RobustnessStudy {
    private let name: String
    private let session: Session
    private let attacker: Attacker
    private let settings: RobustnessSettings
    private let preprocessing: Preprocessing

    /// Prepares an attack.
    ///
    /// - Parameters:
    ///   - name: what the figures call the network.
    ///   - session: the network that classifies; its batch size is the number of images that run together.
    ///   - weights: the same network's weights.
    ///   - backend: where the attack runs.
    ///   - settings: the attack and the defence.
    /// - Throws: `AttackError` for impossible settings; `ImageError.invalidQuality`; `SessionError`, `BackendError`,
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
    ///   - set: its classes are the network's classes of the same names, see `Evaluation`.
    ///   - policy: how gates decide.
    ///   - limit: the number of images, evenly from all classes; nil for all.
    ///   - threads: how many threads read and decode images. They change no result.
    ///   - progress: called after each batch with the number of images done.
    /// - Returns: rows for the unchanged images and for every epsilon, each without recompression and, if a quality is set,
    ///   with it.
    /// - Throws: `DatasetError`, `AttackError`, `SessionError`, `GatePolicyError`, `OpenCLError`; `CancellationError` if the
    ///   task it runs in is cancelled.
    public func figures(
        on set: any Dataset, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads, progress: (_ done: Int) -> Void = { _ in }
    ) throws -> RobustnessFigures {
        try measure(set, policy: policy, limit: limit, threads: threads, progress: progress) {
            try Task.checkCancellation()
        }.figures
    }

    /// Attacks every image of a set, without blocking the calling task's thread.
    ///
    /// - Parameter progress: called on another thread after each batch with the number of images done.
    /// - Throws: as the synchronous form.
    public func figures(
        on set: any Dataset, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads, progress: @escaping @Sendable (_ done: Int) -> Void = { _ in }
    ) async throws -> RobustnessFigures {
        // Only one task uses the study, and it waits here.
        nonisolated(unsafe) let study = self
        return try await offThread { cancellation in
            try study.measure(
                set, policy: policy, limit: limit, threads: threads, progress: progress,
                checkCancellation: cancellation.check
            ).figures
        }
    }

    /// The figures of every image of a set, and the outcome of each image.
    func measure(
        _ set: any Dataset, policy: GatePolicy, limit: Int?, threads: Int, progress: (_ done: Int) -> Void,
        checkCancellation: () throws -> Void
    ) throws -> (figures: RobustnessFigures, outcomes: AttackOutcomes) {
        let epsilons = [0] + settings.epsilons
        let qualities: [Int?] = settings.jpegQuality.map { [nil, $0] } ?? [nil]
        var tallies = epsilons.map { _ in qualities.map { _ in RobustnessTally() } }
        var indices: [Int] = []
        let order = set.evenIndices(limit: limit)
        for batch in try EvaluationLoader(of: set, order: order, for: session, threads: threads)
        where !batch.labels.isEmpty {
            try checkCancellation()
            let attacked = try attacker.attack(
                settings.attacks, batch.images, labels: batch.labels, firstImage: indices.count)
            var before: [[Bool]] = []
            for (strength, images) in ([batch.images] + attacked).enumerated() {
                for (defence, quality) in qualities.enumerated() {
                    let seen = try quality.map { try recompressed(images, quality: $0) } ?? images
                    let predictions = try session.predict(
                        seen, policy: policy, top: 1, firstImage: indices.count)
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
        // The first quality is none, and the first strength is 0.
        let isRight = tallies.map { $0.first?.isRight ?? [] }
        return (
            figures,
            AttackOutcomes(indices: indices, unchanged: isRight.first ?? [], attacked: Array(isRight.dropFirst()))
        )
    }

    /// The images after saving them as JPEG files and opening these.
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

/// The settings of an attack and of the defence against it.
public struct RobustnessSettings: Sendable, Hashable, Codable {
    /// The largest changes of a pixel's channel, in units of 1/255.
    public var epsilons: [Float]
    /// Number of steps of projected gradient descent; 1 for the fast gradient sign method.
    public var steps: Int
    /// The size of a step as a share of epsilon; nil for 1 with one step, and for 2.5 / steps with more.
    public var stepShare: Float?
    /// The seed of random starts; nil to start at the image, as an attack of one step always does.
    public var seed: UInt64?
    /// Whether the attack differentiates the gates' decisions.
    public var gateGradient: Attack.GateGradient
    /// The JPEG quality, in 1...100, at which attacked images are recompressed as a defence; nil for no defence.
    public var jpegQuality: Int?

    /// Makes settings; without arguments those of the fast gradient sign method at five strengths.
    public init(
        epsilons: [Float] = [1, 2, 4, 8, 16], steps: Int = 1, stepShare: Float? = nil, seed: UInt64? = 0,
        gateGradient: Attack.GateGradient = .none, jpegQuality: Int? = 75
    ) {
        self.epsilons = epsilons
        self.steps = steps
        self.stepShare = stepShare
        self.seed = seed
        self.gateGradient = gateGradient
        self.jpegQuality = jpegQuality
    }

    /// The attack in words.
    public var name: String {
        let gates = gateGradient == .straightThrough ? ", through the gates" : ""
        return (steps == 1 ? "FGSM" : "PGD, \(steps) steps") + gates
    }

    /// An attack for each epsilon.
    var attacks: [Attack] {
        epsilons.map { epsilon in
            let epsilon = epsilon / 255
            guard steps > 1 else { return .fgsm(epsilon: epsilon, gateGradient: gateGradient) }
            return .pgd(
                epsilon: epsilon, steps: steps, stepSize: stepShare.map { $0 * epsilon }, seed: seed,
                gateGradient: gateGradient)
        }
    }
}

/// The counts of images under one attack.
private struct RobustnessTally {
    /// Whether the likeliest class of each image is the right one.
    private(set) var isRight: [Bool] = []
    /// The share of each image's decisions that changed; empty for a network without gates.
    private var changedShares: [Double] = []
    private var macs = 0
    private var decisions = 0
    private var changed = 0
    private var same = 0

    /// - Parameter before: the decisions for the unchanged image.
    mutating func add(_ prediction: Prediction, label: Int, before: [Bool]) {
        isRight.append(prediction.topClasses.first?.index == label)
        macs += prediction.graph.macs
        let changes = zip(prediction.graph.gates, before).count { $0 != $1 }
        decisions += before.count
        changed += changes
        if !before.isEmpty { changedShares.append(Double(changes) / Double(before.count)) }
        if changes == 0 { same += 1 }
    }

    func row(model: String, denseMACs: Int, epsilon: Double, jpegQuality: Int?) -> RobustnessFigures.Row {
        let right = isRight.count { $0 }
        let images = Double(max(isRight.count, 1))
        let hasGates = decisions > 0
        return RobustnessFigures.Row(
            model: model, epsilon: epsilon, jpegQuality: jpegQuality, top1: Double(right) / images,
            macShare: Double(macs) / images / Double(denseMACs),
            changedDecisions: hasGates ? Double(changed) / Double(decisions) : nil,
            sameGraph: hasGates ? Double(same) / images : nil,
            top1Interval: .wilson(right, of: isRight.count),
            changedDecisionsInterval: hasGates ? changedInterval : nil)
    }

    /// The interval of the share of changed decisions: that of a mean over images. If nothing changed it would have no width,
    /// although decisions may change for other images; it is then Wilson's for images, of which each may change all of its
    /// decisions.
    private var changedInterval: ConfidenceInterval? {
        let isAlike = same == isRight.count && same >= ConfidenceInterval.minCountForMean
        return isAlike ? .wilson(0, of: same) : .mean(of: changedShares)
    }
}
