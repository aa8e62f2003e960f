import ConvNetAIG
import ConvNetAIGTraining

/// What a report measures.
public struct ReportSettings: Sendable, Hashable {
    /// How gates decide.
    public var policy: GatePolicy
    /// Only so many images, evenly from all classes; nil for all.
    public var limit: Int?
    /// Images that run together.
    public var batch: Int
    /// Images that the thresholds' curves are measured on, at most.
    public var curveImages: Int
    /// Budgets, as shares of the dense network's MACs, for networks with a calibration.
    public var budgets: [Double]
    /// Images that are timed one at a time.
    public var timedImages: Int
    /// The easiest and hardest images that are shown of each class.
    public var examples: Int
    /// The most frequent graphs that are shown.
    public var graphs: Int
    /// nil leaves attacks out.
    public var robustness: RobustnessSettings?
    /// Images that are attacked, at most; nil for all.
    public var attackedImages: Int?
    /// Threads that read and decode images. They change no result.
    public var threads: Int

    public init(
        policy: GatePolicy = .argmax, limit: Int? = nil, batch: Int = 100, curveImages: Int = 2000,
        budgets: [Double] = [0.6, 0.7, 0.8, 0.9, 1], timedImages: Int = 300, examples: Int = 3, graphs: Int = 12,
        robustness: RobustnessSettings? = RobustnessSettings(), attackedImages: Int? = nil,
        threads: Int = DataLoader.defaultThreads
    ) {
        self.policy = policy
        self.limit = limit
        self.batch = batch
        self.curveImages = curveImages
        self.budgets = budgets
        self.timedImages = timedImages
        self.examples = examples
        self.graphs = graphs
        self.robustness = robustness
        self.attackedImages = attackedImages
        self.threads = threads
    }
}
