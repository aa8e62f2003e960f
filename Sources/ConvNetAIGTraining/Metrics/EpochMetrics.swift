/// What an epoch came to: a line of the metrics file.
public struct EpochMetrics: Sendable, Hashable, Codable {
    /// Counts from 1.
    public var epoch: Int
    /// What was minimised: cross-entropy + weight x target-rate loss; this and the following are means over the images.
    public var loss: Double
    /// With the teacher's part, where one is learnt from.
    public var crossEntropy: Double
    /// Without its weight.
    public var targetRateLoss: Double
    /// Share of the training images whose likeliest class was the right one, when they were trained with.
    public var accuracy: Double
    /// Share of the training images that ran each gated block, with the gates sampled.
    public var executionRates: [Double]
    /// Images that were trained with.
    public var images: Int
    /// Images that could not be read.
    public var skipped: Int
    /// Of the last step, for all but the gates.
    public var learningRate: Double
    /// Training time, without the validation.
    public var seconds: Double
    public var imagesPerSecond: Double
    /// nil if there was no validation.
    public var validation: ValidationResult?

    private enum CodingKeys: String, CodingKey {
        case epoch, loss, accuracy, skipped, seconds, validation
        case images = "pictures"
        case crossEntropy = "cross_entropy"
        case targetRateLoss = "target_rate_loss"
        case executionRates = "execution_rates"
        case learningRate = "learning_rate"
        case imagesPerSecond = "images_per_second"
    }

    init(epoch: Int, _ totals: EpochTotals, validation: ValidationResult?) {
        self.epoch = epoch
        self.validation = validation
        loss = totals.meanLoss
        crossEntropy = totals.meanCrossEntropy
        targetRateLoss = totals.meanTargetRateLoss
        accuracy = totals.accuracy
        executionRates = totals.executionRates
        images = totals.images
        skipped = totals.skipped
        learningRate = totals.learningRate
        seconds = totals.seconds
        imagesPerSecond = totals.imagesPerSecond
    }
}
