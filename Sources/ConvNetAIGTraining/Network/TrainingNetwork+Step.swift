import ConvNetAIG

extension TrainingNetwork {
    package func step(_ batch: Batch, _ settings: StepSettings) throws -> StepResult {
        let noise = GumbelNoise(seed: settings.seed, step: settings.step, factor: settings.gateNoise)
        return try step(batch, settings, noise: gates.indices.map { noise(gate: $0, images: batch.count) })
    }

    /// A step with noise of the caller's.
    /// - Parameter noise: Gumbel noise of each gate, [image][skip, execute].
    /// - Throws: ``TrainingStepError``; what the device reports.
    package func step(_ batch: Batch, _ settings: StepSettings, noise: [[Float]]) throws -> StepResult {
        try validate(batch, settings)
        guard noise.count == gates.count, noise.allSatisfy({ $0.count == 2 * batch.count }) else {
            throw TrainingStepError.noise(gates: gates.count, images: batch.count)
        }
        let targetRates =
            settings.targetRates.isEmpty ? [Float](repeating: 1, count: gates.count) : settings.targetRates
        let targets = LossTargets(
            labels: batch.labels, labelSmoothing: settings.labelSmoothing, teacherLogits: batch.teacherLogits ?? [],
            teacherWeight: settings.teacherWeight, teacherTemperature: settings.teacherTemperature)
        let depth = StochasticDepth(settings, blocks: blocks.count)
        try forward(batch.images, targets, noise: noise, temperature: settings.temperature, depth: depth)
        try backward(targetRates: targetRates, targetRateWeight: settings.targetRateWeight)
        try backend.update(settings.optimizer)
        if settings.averageDecay != nil { keepsAverage = true }
        return result(
            try backend.result(classifier, gates: gates), batch, targetRates: targetRates,
            targetRateWeight: settings.targetRateWeight)
    }

    private func validate(_ batch: Batch, _ settings: StepSettings) throws {
        guard (1...self.batch).contains(batch.count) else {
            throw TrainingStepError.batchSize(found: batch.count, most: self.batch)
        }
        let expected = batch.count * architecture.input.count
        guard batch.images.count == expected else {
            throw TrainingStepError.imageCount(found: batch.images.count, expected: expected)
        }
        if let label = batch.labels.first(where: { !(0..<architecture.classes).contains(Int($0)) }) {
            throw TrainingStepError.label(found: Int(label), classes: architecture.classes)
        }
        guard settings.stochasticDepth == 0 || gates.isEmpty else {
            throw TrainingStepError.stochasticDepth(gates: gates.count)
        }
        guard (0..<1).contains(settings.stochasticDepth) else {
            throw TrainingStepError.dropRate(settings.stochasticDepth)
        }
        let logits = batch.teacherLogits?.count ?? 0
        guard settings.teacherWeight == 0 || logits == batch.count * architecture.classes else {
            throw TrainingStepError.teacherLogits(found: logits, expected: batch.count * architecture.classes)
        }
        guard settings.targetRates.isEmpty || settings.targetRates.count == gates.count else {
            throw TrainingStepError.targetRates(found: settings.targetRates.count, gates: gates.count)
        }
    }

    private func result(
        _ outcome: StepOutcome, _ batch: Batch, targetRates: [Float], targetRateWeight: Float
    ) -> StepResult {
        let classes = architecture.classes
        var correct = 0
        for (image, label) in batch.labels.enumerated() {
            let first = image * classes
            if outcome.logits[first..<first + classes].argmax == first + Int(label) { correct += 1 }
        }
        let crossEntropy = outcome.losses.reduce(0, +) / Float(batch.count)
        let rates = outcome.decisions.map { Float($0.count { $0 }) / Float(batch.count) }
        let rated = zip(targetRates, rates).filter { $0.0 < 1 }
        let squares = rated.map { ($0.0 - $0.1) * ($0.0 - $0.1) }
        let targetRateLoss = squares.reduce(0, +) / Float(max(rated.count, 1))
        return StepResult(
            crossEntropy: crossEntropy, targetRateLoss: targetRateLoss,
            loss: crossEntropy + targetRateWeight * targetRateLoss, correct: correct, count: batch.count,
            executionRates: rates, gradientNorm: outcome.gradientNorm)
    }
}
