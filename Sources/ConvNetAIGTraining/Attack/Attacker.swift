import ConvNetAIG

/// Attacks a network's images on a device, with the gradients of its own loss.
///
/// ```swift
/// let attacker = try Attacker(weights: weights, backend: .openCL(), batch: 100)
/// let attacked = try attacker.attack(.pgd(epsilon: 8 / 255), images, labels: labels)
/// ```
///
/// Gates decide as in inference (`argmax`), and batch norm has its running statistics. Used by one task at a time.
public final class Attacker {
    /// Images that run together at most.
    public let batch: Int
    private let input: FeatureShape
    private let classes: Int
    /// Of each channel: how much of the input's unit white is, and where black lies.
    private let normalization: (mean: [Float], std: [Float])
    private let network: any AttackableNetwork

    /// - Parameters:
    ///   - weights: the network's.
    ///   - backend: where to run.
    ///   - batch: images that run together at most; memory is planned for as many.
    ///   - normalization: what images, on the scale where white is 1, were normalised with, per channel; nil for the
    ///     weights' own, or else what a ``Session`` takes.
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

    /// For a backend of the caller's.
    init(_ network: TrainingNetwork<some TrainingBackend>, normalization: (mean: [Float], std: [Float])) {
        batch = network.batch
        input = network.architecture.input
        classes = network.architecture.classes
        self.normalization = normalization
        self.network = network
    }

    /// The gradient of the loss with respect to images.
    ///
    /// - Parameters:
    ///   - images: up to ``batch`` of them, images x channels x height x width, normalised.
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

    /// Attacks images.
    ///
    /// - Parameters:
    ///   - images: any number of them, images x channels x height x width, normalised.
    ///   - labels: the right class of each.
    ///   - firstImage: the number of the first image in the caller's counting: random starts depend on the seed and this
    ///     number, not on how images are split into calls or batches, and errors name images by it.
    /// - Returns: the attacked images, normalised, in the shape of `images`.
    /// - Throws: ``AttackError``, `OpenCLError`.
    public func attack(
        _ attack: Attack, _ images: Tensor, labels: [Int], firstImage: Int = 0
    ) throws -> Tensor {
        try self.attack([attack], images, labels: labels, firstImage: firstImage)[0]
    }

    /// Attacks images in several ways. Attacks of one step from the images themselves share a gradient.
    ///
    /// - Returns: for each attack the attacked images; otherwise as ``attack(_:_:labels:firstImage:)``.
    public func attack(
        _ attacks: [Attack], _ images: Tensor, labels: [Int], firstImage: Int = 0
    ) throws -> [Tensor] {
        for attack in attacks { try attack.validate() }
        try validate(images, labels, firstImage: firstImage)
        var attacked = [[Float]](repeating: [], count: attacks.count)
        for start in stride(from: 0, to: labels.count, by: batch) {
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

    /// - Returns: the attacked images by the attack's index.
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

    /// Images moved to anywhere they may be.
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
