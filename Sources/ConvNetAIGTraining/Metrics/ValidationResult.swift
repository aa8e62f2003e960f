import ConvNetAIG

/// How a network does on the images it is not trained with.
public struct ValidationResult: Sendable, Hashable, Codable {
    /// Share of images whose likeliest class is the right one.
    public var top1: Double
    /// Share of images whose right class is among the five likeliest.
    public var top5: Double
    /// Multiply-accumulates spent on an image, on average.
    public var meanMACs: Double
    /// ``meanMACs`` as a share of what the network costs with every gate open.
    public var macShare: Double
    /// Share of images that ran each gated block, in the order of `Architecture.gatedBlocks`.
    public var executionRates: [Double]
    /// Images that were classified.
    public var images: Int
    /// Images that could not be read.
    public var skipped: Int

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
