import ConvNetAIG
import ConvNetAIGTraining

/// The settings of a report.
public struct ReportSettings: Sendable, Hashable {
    /// How gates decide.
    public var policy: GatePolicy
    /// Number of images to classify, evenly from all classes; nil for all.
    public var limit: Int?
    /// Number of images that run together.
    public var batch: Int
    /// The largest number of images that the curves of the thresholds are measured on.
    public var curveImages: Int
    /// Budgets, as shares of the dense network's MACs, for networks with a calibration.
    public var budgets: [Double]
    /// Number of images that are timed, one at a time.
    public var timedImages: Int
    /// Number of easiest images, and of hardest images, that are shown of each class.
    public var examples: Int
    /// Number of the most frequent graphs that are shown.
    public var graphs: Int
    /// The attacks; nil for none.
    public var robustness: RobustnessSettings?
    /// The largest number of images that are attacked; nil for all.
    public var attackedImages: Int?
    /// Number of threads that read and decode images. They change no result.
    public var threads: Int

    /// Makes settings.
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

/// The progress of a report.
public struct ReportProgress: Sendable, Hashable {
    /// The stage in words, such as `classifying`.
    public var stage: String
    /// What is done of the stage, counted in images, or in passes while thresholds move.
    public var done: Int
    /// What the stage has to do in all; nil if it is not known.
    public var total: Int?

    /// The stage with its numbers.
    public var text: String {
        if let total { "\(stage): \(done) of \(total)" } else { "\(stage): \(done)" }
    }
}
