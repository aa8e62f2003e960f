/// How often each distinct graph occurs.
public struct GraphFigures: Sendable, Hashable, Codable {
    /// A graph that occurs.
    public struct Graph: Sendable, Hashable, Codable {
        /// Whether each block runs.
        public var route: [Bool]
        /// Images that ran it.
        public var count: Int
        /// Share of these whose likeliest class is the right one.
        public var top1: Double
        /// Images that ran it, by class.
        public var countByClass: [Int]
        /// Where ``top1`` lies.
        public var top1Interval: ConfidenceInterval?

        public init(
            route: [Bool], count: Int, top1: Double, countByClass: [Int], top1Interval: ConfidenceInterval? = nil
        ) {
            self.route = route
            self.count = count
            self.top1 = top1
            self.countByClass = countByClass
            self.top1Interval = top1Interval
        }
    }

    /// Graphs that occur at least once.
    public var distinct: Int
    /// Shannon entropy of their frequencies, in bits.
    public var entropy: Double
    /// The most frequent ones, most frequent first.
    public var commonest: [Graph]

    public init(distinct: Int, entropy: Double, commonest: [Graph]) {
        self.distinct = distinct
        self.entropy = entropy
        self.commonest = commonest
    }
}
