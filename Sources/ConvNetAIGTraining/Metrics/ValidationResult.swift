import ConvNetAIG

/// How a network does on the pictures it is not trained with.
public struct ValidationResult: Sendable, Hashable, Codable {
    /// Share of pictures whose likeliest class is the right one.
    public var top1: Double
    /// Share of pictures whose right class is among the five likeliest.
    public var top5: Double
    /// Multiply-accumulates spent on a picture, on average.
    public var meanMACs: Double
    /// ``meanMACs`` as a share of what the network costs with every gate open.
    public var macShare: Double
    /// Share of pictures that ran each gated block, in the order of `Architecture.gatedBlocks`.
    public var executionRates: [Double]
    /// Pictures that were classified.
    public var pictures: Int
    /// Pictures that could not be read.
    public var skipped: Int

    public init(
        top1: Double, top5: Double, meanMACs: Double, macShare: Double, executionRates: [Double], pictures: Int,
        skipped: Int = 0
    ) {
        self.top1 = top1
        self.top5 = top5
        self.meanMACs = meanMACs
        self.macShare = macShare
        self.executionRates = executionRates
        self.pictures = pictures
        self.skipped = skipped
    }

    public init(_ evaluation: Evaluation, of architecture: Architecture) {
        self.init(
            top1: evaluation.top1, top5: evaluation.top5, meanMACs: evaluation.meanMACs,
            macShare: evaluation.meanMACs / Double(architecture.cost.macs),
            executionRates: evaluation.executionRates, pictures: evaluation.count,
            skipped: evaluation.failures.count)
    }

    private enum CodingKeys: String, CodingKey {
        case top1, top5, pictures, skipped
        case meanMACs = "mean_macs"
        case macShare = "mac_share"
        case executionRates = "execution_rates"
    }
}
