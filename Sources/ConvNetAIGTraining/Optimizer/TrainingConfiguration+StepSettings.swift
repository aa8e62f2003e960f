extension TrainingConfiguration {
    /// The learning rate of a step, of all parameters but the gates'.
    ///
    /// - Parameter step: counts all steps of the run, from 0.
    public func learningRate(step: Int, stepsPerEpoch: Int) -> Float {
        Float(learningRate * schedule.factor(step: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs))
    }

    /// What the network is told for a step.
    ///
    /// - Parameters:
    ///   - step: counts all steps of the run, from 0.
    ///   - rates: targets of the gated blocks, in the order of `Architecture.gatedBlocks`.
    func settings(step: Int, stepsPerEpoch: Int, rates: [Float]) -> StepSettings {
        let rate = learningRate(step: step, stepsPerEpoch: stepsPerEpoch)
        let cycled = schedule.momentum(step: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
        let noise = gateNoise?.factor(step: step, steps: stepsPerEpoch * epochs) ?? 1
        return StepSettings(
            weights: .init(learningRate: rate, weightDecay: weightDecay),
            normalization: .init(learningRate: rate, weightDecay: normalizationDecay ?? weightDecay),
            gates: .init(learningRate: rate * gateLearningRateFactor, weightDecay: gateWeightDecay ?? weightDecay),
            momentum: cycled.map { Float($0) } ?? momentum, nesterov: nesterov, clipNorm: clipNorm,
            labelSmoothing: labelSmoothing, teacherWeight: distillation?.weight ?? 0,
            teacherTemperature: distillation?.temperature ?? 1, temperature: temperature, gateNoise: noise,
            targetRateWeight: targetRateWeight, targetRates: rates, stochasticDepth: stochasticDepth ?? 0,
            averageDecay: averageDecay, seed: seed, step: step)
    }
}
