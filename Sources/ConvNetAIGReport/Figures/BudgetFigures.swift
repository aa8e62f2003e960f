/// Accuracy against executed MACs, of one trained network whose gates' thresholds move.
public struct BudgetFigures: Sendable, Hashable, Codable {
    /// What some thresholds come to.
    public struct Point: Sendable, Hashable, Codable {
        /// The budget asked for, as a share of the dense network's MACs; nil where thresholds were given instead.
        public var budget: Double?
        /// Mean multiply-accumulates, as a share of the dense network's.
        public var share: Double
        public var top1: Double
        /// Median time for one image at a time; nil where it was not measured.
        public var latency: Double?
        /// Where the accuracy lies; nil where it is not known of how many images it is.
        public var top1Interval: ConfidenceInterval?

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

    /// One threshold for all gates.
    public var global: [Point]
    /// A threshold for each gate.
    public var perBlock: [Point]
    /// The network's own budgets, as `--budget` runs them, on these images; empty where it is not calibrated.
    public var dial: [Point]

    public init(global: [Point], perBlock: [Point], dial: [Point]) {
        self.global = global
        self.perBlock = perBlock
        self.dial = dial
    }
}
