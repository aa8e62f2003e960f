/// How the accuracy of two networks compares on the very same images.
public struct ComparisonFigures: Sendable, Hashable, Codable {
    /// The network that the report is about.
    public var first: String
    /// The one that it is measured against.
    public var second: String
    /// Images that both classified.
    public var counts: PairedCounts
    /// Images that either of them could not read, and which are left out.
    public var leftOut: Int
    /// How much more accurate the first is, in -1...1; nil of no images.
    public var difference: Double?
    /// Of ``difference``, see `PairedCounts.differenceInterval`.
    public var interval: ConfidenceInterval?
    /// Whether they are equally accurate.
    public var test: PairedCounts.McNemarTest

    public init(first: String, second: String, counts: PairedCounts, leftOut: Int = 0) {
        self.first = first
        self.second = second
        self.counts = counts
        self.leftOut = leftOut
        difference = counts.difference
        interval = counts.differenceInterval
        test = counts.mcNemarTest
    }
}
