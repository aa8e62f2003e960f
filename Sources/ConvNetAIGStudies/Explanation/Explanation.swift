import ConvNetAIG

/// What a network says of one image, and what it would have said had one gate decided otherwise: which blocks mattered
/// for this image.
///
/// ```swift
/// let session = try Session(weights: EmbeddedModel.standard.weights(), backend: .openCL())
/// let explanation = try Explanation(of: Image(contentsOf: "cat.png"), by: session)
/// for flip in explanation.flipsByEffect where flip.changesPrediction {
///     print(flip.name, flip.candidates[0], flip.klDivergence)
/// }
/// ```
///
/// Exactly one gate is flipped at a time, with everything else about the image unchanged; what gates behind it do is
/// ``LaterGates``. Flips are not added up: two blocks that stand in for each other may both seem not to matter.
public struct Explanation: Sendable, Hashable, Codable {
    /// The likeliest classes as the network ran, most likely first.
    public let candidates: [Prediction.Candidate]
    /// The graph that the image ran.
    public let graph: InferenceGraph
    /// What the gates behind a flipped one did.
    public let laterGates: LaterGates
    /// One per gated block, in the order of the network; none if no block has a gate.
    public let flips: [Flip]

    /// The flips, those that change the class distribution most first; equal ones in the order of the network.
    public var flipsByEffect: [Flip] {
        flips.sorted { ($0.klDivergence, -$0.gate) > ($1.klDivergence, -$1.gate) }
    }
}

extension Explanation {
    /// Runs an image, and again for every gate that is flipped.
    ///
    /// - Parameters:
    ///   - image: the image.
    ///   - session: one planned for single images does.
    ///   - policy: how gates decide.
    ///   - candidates: how many of the likeliest classes to give, of the network as it ran and for every flip.
    ///   - laterGates: what the gates behind a flipped one do.
    ///   - firstImage: the image's number in the caller's counting, on which the draws of a policy depend.
    ///   - progress: called after each flip with the number of flips done.
    /// - Throws: `SessionError`, `GatePolicyError`, ``ExplanationError`` or `OpenCLError`; `CancellationError` if the task
    ///   was cancelled, which is looked at before every pass.
    public init(
        of image: Image, by session: Session, policy: GatePolicy = .argmax, candidates: Int = 5,
        laterGates: LaterGates = .held, firstImage: Int = 0, progress: (_ done: Int) -> Void = { _ in }
    ) throws {
        let input = try Self.input(image, of: session)
        func predict(_ policy: GatePolicy) throws -> Prediction {
            try Task.checkCancellation()
            return try session.predict(
                input, policy: policy, candidates: max(candidates, 1), firstImage: firstImage)[0]
        }
        let own = try predict(policy)
        var passes = try FlipPasses(
            after: own, by: session, policy: policy, candidates: max(candidates, 0), laterGates: laterGates,
            firstImage: firstImage)
        while let next = passes.next {
            try passes.take(predict(next))
            progress(passes.flips.count)
        }
        self.init(own, passes, candidates: candidates, laterGates)
    }

    /// As the synchronous form, without blocking the calling task's thread.
    /// - Throws: as the synchronous form.
    public init(
        of image: Image, by session: Session, policy: GatePolicy = .argmax, candidates: Int = 5,
        laterGates: LaterGates = .held, firstImage: Int = 0
    ) async throws {
        let input = try Self.input(image, of: session)
        func predict(_ policy: GatePolicy) async throws -> Prediction {
            try Task.checkCancellation()
            return try await session.predict(
                input, policy: policy, candidates: max(candidates, 1), firstImage: firstImage)[0]
        }
        let own = try await predict(policy)
        var passes = try FlipPasses(
            after: own, by: session, policy: policy, candidates: max(candidates, 0), laterGates: laterGates,
            firstImage: firstImage)
        while let next = passes.next { try passes.take(await predict(next)) }
        self.init(own, passes, candidates: candidates, laterGates)
    }

    /// Explains images one after the other.
    ///
    /// - Parameters:
    ///   - images: numbered from `firstImage` for the draws of a policy.
    ///   - progress: called after each image with the number of images done.
    /// - Returns: an explanation for each image, in order.
    /// - Throws: as ``init(of:by:policy:candidates:laterGates:firstImage:progress:)``.
    public static func explanations(
        of images: [Image], by session: Session, policy: GatePolicy = .argmax, candidates: Int = 5,
        laterGates: LaterGates = .held, firstImage: Int = 0, progress: (_ done: Int) -> Void = { _ in }
    ) throws -> [Explanation] {
        try images.enumerated().map { index, image in
            let explanation = try Explanation(
                of: image, by: session, policy: policy, candidates: candidates, laterGates: laterGates,
                firstImage: firstImage + index)
            progress(index + 1)
            return explanation
        }
    }

    private init(_ own: Prediction, _ passes: FlipPasses, candidates: Int, _ laterGates: LaterGates) {
        self.init(
            candidates: Array(own.candidates.prefix(max(candidates, 0))), graph: own.graph, laterGates: laterGates,
            flips: passes.flips)
    }

    /// An image as a batch of one, so that it is resized and normalised once for all passes: 1 x 3 x height x width.
    private static func input(_ image: Image, of session: Session) throws -> Tensor {
        let shape = session.architecture.input
        guard let preprocessing = session.preprocessing else { throw SessionError.notThreeChannels(shape.channels) }
        return try Tensor(shape: [1, shape.channels, shape.height, shape.width], values: preprocessing(image))
    }
}
