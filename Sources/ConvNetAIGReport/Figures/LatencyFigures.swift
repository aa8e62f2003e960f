/// How long one image takes by the number of blocks it runs, images taken one at a time.
public struct LatencyFigures: Sendable, Hashable, Codable {
    /// Blocks that ran, those without a gate included.
    public var blocks: Int
    /// Images that were timed.
    public var images: Int
    public var median: Double
    /// Half of the images lie between these.
    public var lowerQuartile: Double
    public var upperQuartile: Double

    private enum CodingKeys: String, CodingKey {
        case blocks, median, lowerQuartile, upperQuartile
        case images = "pictures"
    }

    public init(blocks: Int, images: Int, median: Double, lowerQuartile: Double, upperQuartile: Double) {
        self.blocks = blocks
        self.images = images
        self.median = median
        self.lowerQuartile = lowerQuartile
        self.upperQuartile = upperQuartile
    }
}
