import ConvNetAIG

/// The results of an epoch: a line of the metrics file.
public struct EpochMetrics: Sendable, Hashable, Codable {
    /// Number of the epoch, from 1.
    public var epoch: Int
    /// The minimised loss: cross-entropy + weight x target-rate loss. Losses are means over the images, in nats.
    public var loss: Double
    /// Cross-entropy, including the teacher's part in distillation.
    public var crossEntropy: Double
    /// Target-rate loss, without its weight.
    public var targetRateLoss: Double
    /// Share of the training images whose likeliest class was the right one in their step.
    public var accuracy: Double
    /// Share of the training images that ran each gated block, with sampled gates.
    public var executionRates: [Double]
    /// Number of images trained with.
    public var images: Int
    /// Number of images that could not be read.
    public var skipped: Int
    /// Learning rate of the last step, of all parameters but the gates'.
    public var learningRate: Double
    /// Seconds of training, without the validation.
    public var seconds: Double
    /// Images trained with per second of training.
    public var imagesPerSecond: Double
    /// Results on the validation images; nil without validation.
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

/// The accuracy and the cost of a network on the validation images.
public struct ValidationResult: Sendable, Hashable, Codable {
    /// Share of images whose likeliest class is the right one.
    public var top1: Double
    /// Share of images whose right class is among the five likeliest.
    public var top5: Double
    /// Mean multiply-accumulates per image.
    public var meanMACs: Double
    /// ``meanMACs`` as a share of the network's cost with every gate open.
    public var macShare: Double
    /// Share of images that ran each gated block, in the order of `Architecture.gatedBlocks`.
    public var executionRates: [Double]
    /// Number of images classified.
    public var images: Int
    /// Number of images that could not be read.
    public var skipped: Int

    /// Makes a result; see the properties.
    public init(
        top1: Double, top5: Double, meanMACs: Double, macShare: Double, executionRates: [Double], images: Int,
        skipped: Int = 0
    ) {
        self.top1 = top1
        self.top5 = top5
        self.meanMACs = meanMACs
        self.macShare = macShare
        self.executionRates = executionRates
        self.images = images
        self.skipped = skipped
    }

    /// Takes the result from an evaluation.
    public init(_ evaluation: Evaluation, of architecture: Architecture) {
        self.init(
            top1: evaluation.top1, top5: evaluation.top5, meanMACs: evaluation.meanMACs,
            macShare: evaluation.meanMACs / Double(architecture.cost.macs),
            executionRates: evaluation.executionRates, images: evaluation.count,
            skipped: evaluation.failures.count)
    }

    private enum CodingKeys: String, CodingKey {
        case top1, top5, skipped
        case images = "pictures"
        case meanMACs = "mean_macs"
        case macShare = "mac_share"
        case executionRates = "execution_rates"
    }
}

/// Sums over the steps of an epoch so far. They are doubles and added in the order of the steps, so that an interrupted
/// epoch has the same results.
struct EpochTotals: Sendable, Hashable, Codable {
    private(set) var steps = 0
    private(set) var images = 0
    private var correct = 0
    private var loss = 0.0
    private var crossEntropy = 0.0
    private var targetRateLoss = 0.0
    private var executed: [Double] = []
    private(set) var learningRate = 0.0
    /// Number of images that could not be read.
    var skipped = 0
    /// Seconds spent in steps, including the wait for their images.
    var seconds = 0.0

    /// Adds a step, whose means are weighted by its number of images.
    mutating func add(_ result: StepResult, learningRate: Float) {
        let count = Double(result.count)
        steps += 1
        images += result.count
        correct += result.correct
        loss += Double(result.loss) * count
        crossEntropy += Double(result.crossEntropy) * count
        targetRateLoss += Double(result.targetRateLoss) * count
        if executed.isEmpty { executed = [Double](repeating: 0, count: result.executionRates.count) }
        for (index, rate) in result.executionRates.enumerated() where index < executed.count {
            executed[index] += Double(rate) * count
        }
        self.learningRate = Double(learningRate)
    }

    var meanLoss: Double { mean(loss) }
    var meanCrossEntropy: Double { mean(crossEntropy) }
    var meanTargetRateLoss: Double { mean(targetRateLoss) }
    var accuracy: Double { mean(Double(correct)) }
    var executionRates: [Double] { executed.map(mean) }
    /// Mean over all gated blocks; nil without any.
    var executionRate: Double? { executionRates.mean }
    var imagesPerSecond: Double { seconds > 0 ? Double(images) / seconds : 0 }

    private func mean(_ sum: Double) -> Double { sum / Double(max(images, 1)) }
}

extension [Double] {
    /// The mean; nil without numbers.
    var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
