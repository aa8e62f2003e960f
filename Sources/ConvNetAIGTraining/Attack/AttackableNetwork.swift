import ConvNetAIG

/// A network on some backend, as an ``Attacker`` uses it. Images and gradients are images x channels x height x width.
///
/// All methods throw ``AttackError/gradientNotFinite(image:)``, with the image's number in the batch, rather than take a step
/// in no direction: the sign of NaN is 0 on some devices, and the image would seem to withstand the attack.
protocol AttackableNetwork: AnyObject {
    /// The network's output for a batch and the gradient of its loss.
    func inputGradient(_ batch: Batch, throughGates: Bool) throws -> (StepOutcome, gradient: [Float])

    /// Attacks a batch.
    ///
    /// - Parameters:
    ///   - start: the images that the first step starts from; nil means those of the batch.
    ///   - steps: the steps, one after the other.
    func attack(
        _ batch: Batch, from start: [Float]?, steps: [Perturbation], throughGates: Bool
    ) throws -> [Float]

    /// Attacks a batch in several ways, each with one step from the images: they share a gradient.
    func attackOnce(
        _ batch: Batch, _ perturbations: [Perturbation], throughGates: Bool
    ) throws -> [[Float]]
}

extension TrainingNetwork: AttackableNetwork {
    func inputGradient(_ batch: Batch, throughGates: Bool) throws -> (StepOutcome, gradient: [Float]) {
        let attack = try begin(batch)
        try backend.upload(batch.images, to: input)
        let gradient = try differentiate(batch, attack, throughGates: throughGates)
        return (try backend.result(classifier, gates: gates), gradient)
    }

    func attack(
        _ batch: Batch, from start: [Float]?, steps: [Perturbation], throughGates: Bool
    ) throws -> [Float] {
        let attack = try begin(batch)
        try backend.upload(start ?? batch.images, to: input)
        for step in steps {
            try differentiate(batch, attack, throughGates: throughGates)
            try backend.perturb(input, from: attack.original, along: attack.gradient, step)
        }
        return try backend.download(input)
    }

    func attackOnce(
        _ batch: Batch, _ perturbations: [Perturbation], throughGates: Bool
    ) throws -> [[Float]] {
        let attack = try begin(batch)
        try backend.upload(batch.images, to: input)
        try differentiate(batch, attack, throughGates: throughGates)
        return try perturbations.map { perturbation in
            try backend.upload(batch.images, to: input)
            try backend.perturb(input, from: attack.original, along: attack.gradient, perturbation)
            return try backend.download(input)
        }
    }

    private func begin(_ batch: Batch) throws -> AttackMaps {
        guard let attack else { throw BackendError.notAnInput }
        try backend.begin(images: batch.count)
        try backend.upload(batch.images, to: attack.original)
        return attack
    }

    /// The gradient at the images that the input holds. Gates decide as in inference, without noise.
    ///
    /// - Returns: the gradient with respect to the input, all finite.
    @discardableResult
    private func differentiate(
        _ batch: Batch, _ attack: AttackMaps, throughGates: Bool
    ) throws -> [Float] {
        let silence = [Float](repeating: 0, count: 2 * batch.count)
        try forward(
            LossTargets(labels: batch.labels), noise: gates.map { _ in silence }, temperature: 1)
        try backward(
            targetRates: gates.map { _ in 1 }, targetRateWeight: 0, throughGates: throughGates)
        let gradient = try backend.download(attack.gradient)
        if let index = gradient.firstIndex(where: { !$0.isFinite }) {
            throw AttackError.gradientNotFinite(image: index / architecture.input.count)
        }
        return gradient
    }
}
