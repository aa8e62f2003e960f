/// How long one picture takes by the number of blocks it runs, pictures taken one at a time.
public struct LatencyFigures: Sendable, Hashable, Codable {
    /// Blocks that ran, those without a gate included.
    public var blocks: Int
    /// Pictures that were timed.
    public var pictures: Int
    public var median: Double
    /// Half of the pictures lie between these.
    public var lowerQuartile: Double
    public var upperQuartile: Double

    public init(blocks: Int, pictures: Int, median: Double, lowerQuartile: Double, upperQuartile: Double) {
        self.blocks = blocks
        self.pictures = pictures
        self.median = median
        self.lowerQuartile = lowerQuartile
        self.upperQuartile = upperQuartile
    }
}
