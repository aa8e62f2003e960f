import Statistics

/// Accuracy against executed MACs, of one trained network whose gates' thresholds move.
public struct BudgetFigures: Sendable, Hashable, Codable {
    /// Cost and accuracy at some thresholds.
    public struct Point: Sendable, Hashable, Codable {
        /// The budget asked for, as a share of the dense network's MACs; nil where thresholds were given instead.
        public var budget: Double?
        /// Mean multiply-accumulates per image, as a share of the dense network's.
        public var share: Double
        /// Share of images whose likeliest class is the right one.
        public var top1: Double
        /// Median time for one image at a time, in milliseconds; nil if it was not measured.
        public var latency: Double?
        /// The interval of ``top1``; nil if the number of images is not known.
        public var top1Interval: ConfidenceInterval?

        /// Makes a point of its figures.
        public init(
            budget: Double?, share: Double, top1: Double, latency: Double?, top1Interval: ConfidenceInterval? = nil
        ) {
            self.budget = budget
            self.share = share
            self.top1 = top1
            self.latency = latency
            self.top1Interval = top1Interval
        }
    }

    /// Points with one threshold for all gates.
    public var global: [Point]
    /// Points with a threshold for each gate.
    public var perBlock: [Point]
    /// The network's own budgets, as `--budget` runs them, on these images; empty if the network is not calibrated.
    public var dial: [Point]

    /// Makes the figures of a network's budgets.
    public init(global: [Point], perBlock: [Point], dial: [Point]) {
        self.global = global
        self.perBlock = perBlock
        self.dial = dial
    }
}

/// The time of one image at a time, for images that run the same number of blocks.
public struct LatencyFigures: Sendable, Hashable, Codable {
    /// Number of blocks that ran, those without a gate included.
    public var blocks: Int
    /// Number of images that were timed.
    public var images: Int
    /// Median time, in milliseconds.
    public var median: Double
    /// A quarter of the images took less time than this, in milliseconds.
    public var lowerQuartile: Double
    /// A quarter of the images took more time than this, in milliseconds.
    public var upperQuartile: Double

    private enum CodingKeys: String, CodingKey {
        case blocks, median, lowerQuartile, upperQuartile
        case images = "pictures"
    }

    /// Makes the figures of a number of blocks.
    public init(blocks: Int, images: Int, median: Double, lowerQuartile: Double, upperQuartile: Double) {
        self.blocks = blocks
        self.images = images
        self.median = median
        self.lowerQuartile = lowerQuartile
        self.upperQuartile = upperQuartile
    }
}
