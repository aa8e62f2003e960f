/// Sums over the steps of an epoch, whole or begun. Doubles, and added in the order of the steps, so that an epoch that was
/// interrupted comes to the same.
struct EpochTotals: Sendable, Hashable, Codable {
    private(set) var steps = 0
    private(set) var images = 0
    private var correct = 0
    private var loss = 0.0
    private var crossEntropy = 0.0
    private var targetRateLoss = 0.0
    private var executed: [Double] = []
    private(set) var learningRate = 0.0
    /// Images that could not be read.
    var skipped = 0
    /// Time that the steps took, waiting for their images included.
    var seconds = 0.0

    /// Adds a step; its means count by its images.
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
    /// Over all gated blocks; nil if there are none.
    var executionRate: Double? { executionRates.mean }
    var imagesPerSecond: Double { seconds > 0 ? Double(images) / seconds : 0 }

    private func mean(_ sum: Double) -> Double { sum / Double(max(images, 1)) }
}

extension [Double] {
    /// nil of no numbers.
    var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
