import ConvNetAIG

/// Attacks images on a device with the gradients of a network's own loss.
///
/// ```swift
/// let attacker = try Attacker(weights: weights, backend: .openCL(), batch: 100)
/// let attacked = try await attacker.attack(.pgd(epsilon: 8 / 255), images, labels: labels)
/// ```
///
/// Gates decide as in inference (`argmax`), and batch norm uses its running statistics. Use it from one task at a time.
/// In asynchronous code its methods wait for the device on a thread outside Swift's pool.
public final class Attacker {
    /// Maximum number of images that run together.
    public let batch: Int
    private let input: FeatureShape
    private let classes: Int
    /// What the input is normalised with, per channel on the scale where white is 1.
    private let normalization: (mean: [Float], std: [Float])
    private let network: any AttackableNetwork

    /// Puts a network on a device.
    ///
    /// - Parameters:
    ///   - weights: the network.
    ///   - backend: where to run.
    ///   - batch: maximum number of images that run together; memory is planned for as many.
    ///   - normalization: what images are normalised with, per channel on the scale where white is 1; nil means the
    ///     weights' own normalization, or else that of a `Session`.
    /// - Throws: `SessionError.batchOutOfRange`, `BackendError` if the batch is too large for the device, `OpenCLError`.
    public init(
        weights: Weights, backend: BackendChoice, batch: Int, normalization: (mean: [Float], std: [Float])? = nil
    ) throws {
        guard batch >= 1, batch <= Int(Int32.max) else { throw SessionError.batchOutOfRange(batch) }
        let architecture = weights.architecture
        self.batch = batch
        input = architecture.input
        classes = architecture.classes
        let own = normalization ?? weights.inputNormalization
        guard own.mean.count == input.channels, own.std.count == input.channels else {
            throw SessionError.notThreeChannels(input.channels)
        }
        self.normalization = own
        network =
            switch backend {
            case .reference:
                try TrainingNetwork(
                    weights: weights, backend: ReferenceTrainingBackend(), batch: batch, purpose: .attack)
            case .openCL(let runtime):
                try TrainingNetwork(
                    weights: weights, backend: try OpenCLTrainingBackend(runtime), batch: batch, purpose: .attack)
            }
    }

    /// Attacks with a network on any backend.
    init(_ network: TrainingNetwork<some TrainingBackend>, normalization: (mean: [Float], std: [Float])) {
        batch = network.batch
        input = network.architecture.input
        classes = network.architecture.classes
        self.normalization = normalization
        self.network = network
    }

    // MARK: Gradients

    /// The gradient of the loss with respect to images.
    ///
    /// - Parameters:
    ///   - images: up to ``batch`` images, images x channels x height x width, normalised.
    ///   - labels: the right class of each.
    ///   - gateGradient: whether decisions are differentiated.
    /// - Throws: ``AttackError``, `SessionError.batchOutOfRange`, `OpenCLError`.
    public func gradient(
        of images: Tensor, labels: [Int], gateGradient: Attack.GateGradient = .none
    ) throws -> InputGradient {
        try validate(images, labels)
        guard labels.count <= batch else { throw SessionError.batchOutOfRange(labels.count) }
        let (outcome, gradient) = try network.inputGradient(
            Batch(images: images.values, labels: labels.map(Int32.init)),
            throughGates: gateGradient == .straightThrough)
        return InputGradient(
            logits: try Tensor(shape: [labels.count, classes], values: outcome.logits), losses: outcome.losses,
            gradient: try Tensor(shape: images.shape, values: gradient),
            gates: labels.indices.map { image in outcome.decisions.map { $0[image] } })
    }

    /// The gradient of the loss with respect to images, computed on a thread outside Swift's pool.
    ///
    /// - Throws: as the synchronous method; `CancellationError` if the task is cancelled before the device begins.
    public func gradient(
        of images: Tensor, labels: [Int], gateGradient: Attack.GateGradient = .none,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> InputGradient {
        // Whoever waits for the result does not use the attacker meanwhile.
        nonisolated(unsafe) unowned let attacker = self
        return try await offThread { _ in
            try attacker.gradient(of: images, labels: labels, gateGradient: gateGradient)
        }
    }

    // MARK: Attacks

    /// Attacks images.
    ///
    /// - Parameters:
    ///   - attack: how.
    ///   - images: any number of images, images x channels x height x width, normalised.
    ///   - labels: the right class of each.
    ///   - firstImage: the first image's number in the caller's counting. Random starts depend on the seed and this number,
    ///     not on how images are split into calls or batches, and errors name images by it.
    /// - Returns: the attacked images, normalised, in the shape of `images`.
    /// - Throws: ``AttackError``, `OpenCLError`.
    public func attack(
        _ attack: Attack, _ images: Tensor, labels: [Int], firstImage: Int = 0
    ) throws -> Tensor {
        try self.attack([attack], images, labels: labels, firstImage: firstImage)[0]
    }

    /// Attacks images in several ways. Attacks of one step from the images themselves share a gradient.
    ///
    /// - Returns: the attacked images of each attack.
    /// - Throws: as the method for one attack.
    public func attack(
        _ attacks: [Attack], _ images: Tensor, labels: [Int], firstImage: Int = 0
    ) throws -> [Tensor] {
        try self.attack(attacks, images, labels: labels, firstImage: firstImage) {}
    }

    /// Attacks images on a thread outside Swift's pool.
    ///
    /// - Throws: as the synchronous method; `CancellationError`, after the batch at hand, if the task is cancelled.
    public func attack(
        _ attack: Attack, _ images: Tensor, labels: [Int], firstImage: Int = 0,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> Tensor {
        try await self.attack([attack], images, labels: labels, firstImage: firstImage)[0]
    }

    /// Attacks images in several ways on a thread outside Swift's pool.
    ///
    /// - Throws: as the synchronous method; `CancellationError`, after the batch at hand, if the task is cancelled.
    public func attack(
        _ attacks: [Attack], _ images: Tensor, labels: [Int], firstImage: Int = 0,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> [Tensor] {
        // Whoever waits for the result does not use the attacker meanwhile.
        nonisolated(unsafe) unowned let attacker = self
        return try await offThread { cancellation in
            try attacker.attack(attacks, images, labels: labels, firstImage: firstImage) { try cancellation.check() }
        }
    }

    /// - Parameter checkCancellation: called before each batch; ends the attack by throwing.
    private func attack(
        _ attacks: [Attack], _ images: Tensor, labels: [Int], firstImage: Int, checkCancellation: () throws -> Void
    ) throws -> [Tensor] {
        for attack in attacks { try attack.validate() }
        try validate(images, labels, firstImage: firstImage)
        var attacked = [[Float]](repeating: [], count: attacks.count)
        for start in stride(from: 0, to: labels.count, by: batch) {
            try checkCancellation()
            let end = min(start + batch, labels.count)
            let part = Batch(
                images: Array(images.values[start * input.count..<end * input.count]),
                labels: labels[start..<end].map(Int32.init))
            do {
                for (index, values) in try attackBatch(attacks, part, firstImage: firstImage + start) {
                    attacked[index] += values
                }
            } catch AttackError.gradientNotFinite(let image) {
                throw AttackError.gradientNotFinite(image: firstImage + start + image)
            }
        }
        return try attacked.map { try Tensor(shape: images.shape, values: $0) }
    }

    /// - Returns: the attacked images with the index of their attack.
    private func attackBatch(
        _ attacks: [Attack], _ batch: Batch, firstImage: Int
    ) throws -> [(Int, [Float])] {
        var attacked: [(Int, [Float])] = []
        for gateGradient in Attack.GateGradient.allCases {
            let single = attacks.indices.filter {
                attacks[$0].gateGradient == gateGradient && attacks[$0].steps == 1 && attacks[$0].seed == nil
            }
            guard !single.isEmpty else { continue }
            let values = try network.attackOnce(
                batch, single.map { perturbation(attacks[$0]) }, throughGates: gateGradient == .straightThrough)
            attacked += zip(single, values)
        }
        for (index, attack) in attacks.enumerated() where attack.steps > 1 || attack.seed != nil {
            let step = perturbation(attack)
            let start = attack.seed.map { randomStart(batch.images, step, seed: $0, firstImage: firstImage) }
            let values = try network.attack(
                batch, from: start, steps: [Perturbation](repeating: step, count: attack.steps),
                throughGates: attack.gateGradient == .straightThrough)
            attacked.append((index, values))
        }
        return attacked
    }

    /// A step in the units of the normalised input.
    private func perturbation(_ attack: Attack) -> Perturbation {
        let (mean, std) = normalization
        return Perturbation(
            step: std.map { attack.stepSize / $0 }, bound: std.map { attack.epsilon / $0 },
            lowest: zip(mean, std).map { -$0 / $1 }, highest: zip(mean, std).map { (1 - $0) / $1 })
    }

    /// Images moved to random places of the ball.
    private func randomStart(_ images: [Float], _ step: Perturbation, seed: UInt64, firstImage: Int) -> [Float] {
        let generator = Philox4x32(seed: seed)
        let pixels = input.height * input.width
        var start = images
        for index in images.indices {
            let (image, value) = (firstImage + index / input.count, index % input.count)
            let channel = value / pixels
            let words = generator(
                counter: (
                    UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: image),
                    UInt32(truncatingIfNeeded: image >> 32), Self.randomPurpose
                ))
            let moved = images[index] + (2 * Philox4x32.uniform(words.0) - 1) * step.bound[channel]
            start[index] = min(max(moved, step.lowest[channel]), step.highest[channel])
        }
        return start
    }

    /// Keeps these draws apart from other uses of the same seed.
    private static let randomPurpose: UInt32 = 0x4154_544B

    private func validate(_ images: Tensor, _ labels: [Int], firstImage: Int = 0) throws(AttackError) {
        let expected = [input.channels, input.height, input.width]
        guard images.shape.count == 4, Array(images.shape[1...]) == expected else {
            throw .inputShape(found: images.shape, expected: expected)
        }
        guard labels.count == images.shape[0] else { throw .labels(found: labels.count, images: images.shape[0]) }
        if let label = labels.first(where: { !(0..<classes).contains($0) }) {
            throw .label(found: label, classes: classes)
        }
        if let index = images.withUnsafeFloats({ $0.firstIndex { !$0.isFinite } }) {
            throw .imageNotFinite(image: firstImage + index / input.count)
        }
    }
}

/// A network's output for images, and the gradient of its loss with respect to them.
public struct InputGradient: Sendable, Hashable {
    /// The logits: images x classes.
    public var logits: Tensor
    /// Cross-entropy of each image's right class, in nats.
    public var losses: [Float]
    /// The gradient of the mean loss with respect to the normalised values: images x channels x height x width.
    public var gradient: Tensor
    /// Whether each gated block ran: images x gated blocks.
    public var gates: [[Bool]]
}
