import ConvNetAIG
import ConvNetAIGTraining

/// What a report measures.
public struct ReportSettings: Sendable, Hashable {
    /// How gates decide.
    public var policy: GatePolicy
    /// Only so many pictures, evenly from all classes; nil for all.
    public var limit: Int?
    /// Pictures that run together.
    public var batch: Int
    /// Pictures that the thresholds' curves are measured on, at most.
    public var curvePictures: Int
    /// Budgets, as shares of the dense network's MACs, for networks with a calibration.
    public var budgets: [Double]
    /// Pictures that are timed one at a time.
    public var timedPictures: Int
    /// The easiest and hardest pictures that are shown of each class.
    public var examples: Int
    /// The most frequent graphs that are shown.
    public var graphs: Int
    /// nil leaves attacks out.
    public var robustness: RobustnessSettings?
    /// Pictures that are attacked, at most; nil for all.
    public var attackedPictures: Int?
    /// Threads that read and decode pictures. They change no result.
    public var threads: Int

    public init(
        policy: GatePolicy = .argmax, limit: Int? = nil, batch: Int = 100, curvePictures: Int = 2000,
        budgets: [Double] = [0.6, 0.7, 0.8, 0.9, 1], timedPictures: Int = 300, examples: Int = 3, graphs: Int = 12,
        robustness: RobustnessSettings? = RobustnessSettings(), attackedPictures: Int? = nil,
        threads: Int = BatchLoader.usualThreads
    ) {
        self.policy = policy
        self.limit = limit
        self.batch = batch
        self.curvePictures = curvePictures
        self.budgets = budgets
        self.timedPictures = timedPictures
        self.examples = examples
        self.graphs = graphs
        self.robustness = robustness
        self.attackedPictures = attackedPictures
        self.threads = threads
    }
}
