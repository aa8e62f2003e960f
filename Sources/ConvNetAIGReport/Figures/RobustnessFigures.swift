import Statistics

/// Accuracy under attack.
public struct RobustnessFigures: Sendable, Hashable, Codable {
    /// A network under an attack of one strength.
    public struct Row: Sendable, Hashable, Codable {
        /// The network's name, as among the contenders.
        public var model: String
        /// The largest change of a pixel's channel, in units of 1/255; 0 for unchanged images.
        public var epsilon: Double
        /// The JPEG quality at which images were recompressed before they were classified; nil if they were not.
        public var jpegQuality: Int?
        /// Share of images whose likeliest class is the right one.
        public var top1: Double
        /// Mean multiply-accumulates per image, as a share of the dense network's.
        public var macShare: Double
        /// Share of the gated blocks' decisions that differ from those on the unchanged image; nil for a network
        /// without gates.
        public var changedDecisions: Double?
        /// Share of images that run the same graph as when they were unchanged; nil for a network without gates.
        public var sameGraph: Double?
        /// The interval of ``top1``; nil if the number of images is not known.
        public var top1Interval: ConfidenceInterval?
        /// The interval of ``changedDecisions``, for which images are independent and the decisions of one image are not;
        /// nil for a network without gates, and for too few images.
        public var changedDecisionsInterval: ConfidenceInterval?

        /// Makes a row of its figures.
        public init(
            model: String, epsilon: Double, jpegQuality: Int?, top1: Double, macShare: Double,
            changedDecisions: Double?, sameGraph: Double?, top1Interval: ConfidenceInterval? = nil,
            changedDecisionsInterval: ConfidenceInterval? = nil
        ) {
            self.model = model
            self.epsilon = epsilon
            self.jpegQuality = jpegQuality
            self.top1 = top1
            self.macShare = macShare
            self.changedDecisions = changedDecisions
            self.sameGraph = sameGraph
            self.top1Interval = top1Interval
            self.changedDecisionsInterval = changedDecisionsInterval
        }
    }

    /// The attack's name, such as `FGSM` or `PGD, 10 steps`.
    public var attack: String
    /// Number of images that were attacked.
    public var images: Int
    /// A row for each network, strength and JPEG quality.
    public var rows: [Row]

    private enum CodingKeys: String, CodingKey {
        case attack, rows
        case images = "pictures"
    }

    /// Makes the figures of an attack.
    public init(attack: String, images: Int, rows: [Row]) {
        self.attack = attack
        self.images = images
        self.rows = rows
    }
}
