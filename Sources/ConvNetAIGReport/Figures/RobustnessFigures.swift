/// Accuracy under attack.
public struct RobustnessFigures: Sendable, Hashable, Codable {
    /// A network under an attack of one strength.
    public struct Row: Sendable, Hashable, Codable {
        /// Of the network, as among the contenders.
        public var model: String
        /// Largest change of a pixel's channel, in units of 1/255; 0 for unchanged images.
        public var epsilon: Double
        /// JPEG quality at which images were recompressed before they were classified; nil where they were not.
        public var jpegQuality: Int?
        public var top1: Double
        /// Mean multiply-accumulates, as a share of the dense network's.
        public var macShare: Double
        /// Share of the gated blocks' decisions that differ from those on the unchanged image; nil for a network
        /// without gates.
        public var changedDecisions: Double?
        /// Share of images that run the very graph they ran unchanged; nil for a network without gates.
        public var sameGraph: Double?
        /// Where the accuracy lies; nil where it is not known of how many images it is.
        public var top1Interval: ConfidenceInterval?
        /// Where ``changedDecisions`` lies, images being independent and not the decisions of one; nil for a network
        /// without gates, and for too few images to tell.
        public var changedDecisionsInterval: ConfidenceInterval?

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

    /// Such as `FGSM` or `PGD, 10 steps`.
    public var attack: String
    /// Images that were attacked.
    public var images: Int
    public var rows: [Row]

    private enum CodingKeys: String, CodingKey {
        case attack, rows
        case images = "pictures"
    }

    public init(attack: String, images: Int, rows: [Row]) {
        self.attack = attack
        self.images = images
        self.rows = rows
    }
}
