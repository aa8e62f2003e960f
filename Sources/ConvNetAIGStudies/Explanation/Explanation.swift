import ConvNetAIG

/// A network's prediction for one image, and the predictions it would have made had one gate decided otherwise: they tell which
/// blocks mattered for this image.
///
/// ```swift
/// let session = try Session(weights: EmbeddedModel.standard.weights(), backend: .openCL())
/// let explanation = try Explanation(of: Image(contentsOf: "cat.png"), by: session)
/// for flip in explanation.flipsByEffect where flip.changesPrediction {
///     print(flip.name, flip.topClasses[0], flip.klDivergence)
/// }
/// ```
///
/// Exactly one gate is flipped at a time. ``LaterGates`` is what the gates behind it do; nothing else changes. The effects of
/// flips do not add up: two blocks that replace each other may both seem not to matter.
public struct Explanation: Sendable, Hashable, Codable {
    /// The likeliest classes of the network as it ran, most likely first.
    public let topClasses: [Prediction.ClassScore]
    /// The graph that the image ran.
    public let graph: InferenceGraph
    /// What the gates behind a flipped one did.
    public let laterGates: LaterGates
    /// A flip for each gated block, in the order of the network.
    public let flips: [Flip]

    private enum CodingKeys: String, CodingKey {
        case topClasses = "candidates"
        case graph, laterGates, flips
    }

    /// The flips by descending change of the class distribution; equal ones in the order of the network.
    public var flipsByEffect: [Flip] {
        flips.sorted { ($0.klDivergence, -$0.gate) > ($1.klDivergence, -$1.gate) }
    }
}

extension Explanation {
    /// Runs an image, and again for every gate that is flipped.
    ///
    /// - Parameters:
    ///   - image: the image.
    ///   - session: the network; one planned for single images is enough.
    ///   - policy: how gates decide.
    ///   - top: the number of likeliest classes to give, for the network as it ran and for every flip.
    ///   - laterGates: what the gates behind a flipped one do.
    ///   - firstImage: the image's number in the caller's counting, on which the draws of a policy depend.
    ///   - progress: called after each flip with the number of flips done.
    /// - Throws: `SessionError`, `GatePolicyError`, ``ExplanationError`` or `OpenCLError`; `CancellationError` if the task it
    ///   runs in is cancelled, which is checked before every pass.
    public init(
        of image: Image, by session: Session, policy: GatePolicy = .argmax, top: Int = 5,
        laterGates: LaterGates = .held, firstImage: Int = 0, progress: (_ done: Int) -> Void = { _ in }
    ) throws {
        try self.init(
            of: image, by: session, policy: policy, top: top, laterGates: laterGates,
            firstImage: firstImage, progress: progress
        ) { try Task.checkCancellation() }
    }

    /// Runs an image, and again for every gate that is flipped, without blocking the calling task's thread.
    ///
    /// - Parameter progress: called on another thread after each flip with the number of flips done.
    /// - Throws: as the synchronous form.
    public init(
        of image: Image, by session: Session, policy: GatePolicy = .argmax, top: Int = 5,
        laterGates: LaterGates = .held, firstImage: Int = 0,
        progress: @escaping @Sendable (_ done: Int) -> Void = { _ in }
    ) async throws {
        self = try await offThread { cancellation in
            try Explanation(
                of: image, by: session, policy: policy, top: top, laterGates: laterGates,
                firstImage: firstImage, progress: progress, checkCancellation: cancellation.check)
        }
    }

    private init(
        of image: Image, by session: Session, policy: GatePolicy, top: Int, laterGates: LaterGates,
        firstImage: Int, progress: (_ done: Int) -> Void, checkCancellation: () throws -> Void
    ) throws {
        let input = try session.input([image])
        func predict(_ policy: GatePolicy) throws -> Prediction {
            try checkCancellation()
            return try session.predict(
                input, policy: policy, top: max(top, 1), firstImage: firstImage)[0]
        }
        let own = try predict(policy)
        var passes = try FlipPasses(
            after: own, by: session, policy: policy, top: max(top, 0), laterGates: laterGates,
            firstImage: firstImage)
        while let next = passes.next {
            try passes.add(predict(next))
            progress(passes.flips.count)
        }
        self.init(
            topClasses: Array(own.topClasses.prefix(max(top, 0))), graph: own.graph, laterGates: laterGates,
            flips: passes.flips)
    }

    /// Explains images one after the other.
    ///
    /// - Parameters:
    ///   - images: numbered from `firstImage` for the draws of a policy.
    ///   - progress: called after each image with the number of images done.
    /// - Returns: an explanation for each image, in order.
    /// - Throws: as the form for one image.
    public static func explanations(
        of images: [Image], by session: Session, policy: GatePolicy = .argmax, top: Int = 5,
        laterGates: LaterGates = .held, firstImage: Int = 0, progress: (_ done: Int) -> Void = { _ in }
    ) throws -> [Explanation] {
        try images.enumerated().map { index, image in
            let explanation = try Explanation(
                of: image, by: session, policy: policy, top: top, laterGates: laterGates,
                firstImage: firstImage + index)
            progress(index + 1)
            return explanation
        }
    }

    /// Explains images one after the other, without blocking the calling task's thread.
    ///
    /// - Parameter progress: called on another thread after each image with the number of images done.
    /// - Returns: an explanation for each image, in order.
    /// - Throws: as the form for one image.
    public static func explanations(
        of images: [Image], by session: Session, policy: GatePolicy = .argmax, top: Int = 5,
        laterGates: LaterGates = .held, firstImage: Int = 0,
        progress: @escaping @Sendable (_ done: Int) -> Void = { _ in }
    ) async throws -> [Explanation] {
        try await offThread { cancellation in
            try images.enumerated().map { index, image in
                let explanation = try Explanation(
                    of: image, by: session, policy: policy, top: top, laterGates: laterGates,
                    firstImage: firstImage + index, progress: { _ in }, checkCancellation: cancellation.check)
                progress(index + 1)
                return explanation
            }
        }
    }
}

extension Explanation {
    /// What the gates behind a flipped one do.
    public enum LaterGates: String, Sendable, Hashable, Codable, CaseIterable {
        /// They decide as they did for the image. A flip then has the effect of the block alone.
        case held
        /// They decide again, by the features that the flip has changed; random policies draw the same numbers again. A flip
        /// then has the effect of the decision and of everything that follows from it. Policies that evaluate no gates or
        /// ignore their results (`rate`) have nothing to decide again.
        case adaptive
    }
}

extension Explanation {
    /// The prediction with one gate deciding otherwise.
    public struct Flip: Sendable, Hashable, Codable {
        /// Index of the gate's block in `Architecture.blocks`.
        public let block: Int
        /// The block's name, `layer1.0`.
        public let name: String
        /// Index of the gate among all gates.
        public let gate: Int
        /// Whether the block ran for the image and is skipped here; otherwise it was skipped and runs here.
        public let wasOpen: Bool
        /// The gate's probability of running the block before it was flipped, see `InferenceGraph.gateProbabilities`.
        public let gateProbability: Float
        /// The decisions of all gates here, including the flipped one, in the order of the network.
        public let gates: [Bool]
        /// The likeliest classes, most likely first.
        public let topClasses: [Prediction.ClassScore]
        /// Multiply-accumulates, with those of the gates if the policy evaluates them, as in the image's own graph.
        public let macs: Int
        /// Whether another class becomes the likeliest.
        public let changesPrediction: Bool
        /// The change of the probability of the class that was the likeliest: -0.25 if it falls from 0.75 to 0.5.
        public let probabilityChange: Double
        /// The Kullback-Leibler divergence of the class distribution here, q, from the image's own, p, in nats: the sum of
        /// p (ln p − ln q) over the classes. 0 if nothing changes.
        public let klDivergence: Double

        private enum CodingKeys: String, CodingKey {
            case block, name, gate, wasOpen, gateProbability, gates
            case topClasses = "candidates"
            case macs, changesPrediction, probabilityChange, klDivergence
        }
    }
}

/// Why an image cannot be explained.
public enum ExplanationError: Error, Hashable, CustomStringConvertible {
    /// Logits are infinite or not a number, with the gate of the named block flipped, or with none flipped.
    case outputNotFinite(flipped: String?)

    /// A message for the user.
    public var description: String {
        switch self {
        case .outputNotFinite(let flipped):
            "the network's output is not a finite number" + (flipped.map { " with the gate of \($0) flipped" } ?? "")
                + "; the weights have too large values"
        }
    }
}
