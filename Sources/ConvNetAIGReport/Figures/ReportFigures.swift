/// Everything a report says, as figures: what `report.json` holds, and what the page and the tables are drawn from.
///
/// Shares and accuracies are in 0...1, with 95 % confidence intervals; MACs are multiply-accumulates per image, times are
/// milliseconds.
public struct ReportFigures: Sendable, Hashable, Codable {
    /// The adaptive network.
    public var model: ModelFigures
    /// The images.
    public var data: DataFigures
    /// The network, and those it is measured against.
    public var contenders: [ContenderFigures]
    /// Which blocks run for which class.
    public var rates: RateFigures
    /// How many images of each class ran how many blocks: classes x (0 ... blocks).
    public var depths: [[Int]]
    /// Images of each class that are easiest and hardest for the network.
    public var examples: [ClassExamples]
    /// How often each distinct graph occurs.
    public var graphs: GraphFigures
    /// How alike the classes' graphs are.
    public var similarity: SimilarityFigures
    /// One trained network, many budgets.
    public var budgets: BudgetFigures
    /// Time by number of executed blocks.
    public var latencies: [LatencyFigures]
    /// Accuracy under attack; nil where none was made.
    public var robustness: RobustnessFigures?
    /// What the paper claims, and whether it holds here.
    public var claims: [Claim]
    /// Which classes the network takes for which; nil where it was not counted.
    public var confusion: ConfusionMatrix?
    /// The network's accuracy against that of the one it is measured against, on the same images; nil without one.
    public var comparison: ComparisonFigures?

    public init(
        model: ModelFigures, data: DataFigures, contenders: [ContenderFigures], rates: RateFigures, depths: [[Int]],
        examples: [ClassExamples], graphs: GraphFigures, similarity: SimilarityFigures, budgets: BudgetFigures,
        latencies: [LatencyFigures], robustness: RobustnessFigures?, claims: [Claim],
        confusion: ConfusionMatrix? = nil, comparison: ComparisonFigures? = nil
    ) {
        self.model = model
        self.data = data
        self.contenders = contenders
        self.rates = rates
        self.depths = depths
        self.examples = examples
        self.graphs = graphs
        self.similarity = similarity
        self.budgets = budgets
        self.latencies = latencies
        self.robustness = robustness
        self.claims = claims
        self.confusion = confusion
        self.comparison = comparison
    }
}
