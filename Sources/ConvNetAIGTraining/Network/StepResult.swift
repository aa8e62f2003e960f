/// What a training step came to.
public struct StepResult: Sendable, Hashable {
    /// Cross-entropy, with label smoothing and distillation if there are any, see ``LossTargets``: the mean over the batch.
    public var crossEntropy: Float
    /// Mean over the gated blocks of (target - executed share of the batch)^2, without its weight.
    public var targetRateLoss: Float
    /// What was minimised: cross-entropy + weight x target-rate loss.
    public var loss: Float
    /// Images whose likeliest class was the right one.
    public var correct: Int
    /// Images of the batch.
    public var count: Int
    /// Share of the batch that ran each gated block, in the order of `Architecture.gatedBlocks`.
    public var executionRates: [Float]
    /// L2 norm of all gradients, before clipping.
    public var gradientNorm: Float

    public init(
        crossEntropy: Float, targetRateLoss: Float, loss: Float, correct: Int, count: Int, executionRates: [Float],
        gradientNorm: Float
    ) {
        self.crossEntropy = crossEntropy
        self.targetRateLoss = targetRateLoss
        self.loss = loss
        self.correct = correct
        self.count = count
        self.executionRates = executionRates
        self.gradientNorm = gradientNorm
    }
}
