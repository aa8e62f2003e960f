import Foundation
// Intervals and counts of images are part of the figures.
@_exported import Statistics

/// The figures of a report, which `report.json` holds and from which the page and the tables are made.
///
/// Shares and accuracies are in 0...1, with 95 % confidence intervals; MACs are multiply-accumulates per image, times are
/// milliseconds.
public struct ReportFigures: Sendable, Hashable, Codable {
    /// The adaptive network.
    public var model: ModelFigures
    /// The images.
    public var data: DataFigures
    /// The network, and the networks that it is measured against.
    public var contenders: [ContenderFigures]
    /// How often each block runs for each class.
    public var rates: RateFigures
    /// Number of images of each class that ran each number of blocks: classes x (0 ... blocks).
    public var depths: [[Int]]
    /// The images of each class that are easiest and hardest for the network.
    public var examples: [ClassExamples]
    /// How often each distinct graph occurs.
    public var graphs: GraphFigures
    /// How alike the classes' graphs are.
    public var similarity: SimilarityFigures
    /// Accuracy of the one trained network at many budgets.
    public var budgets: BudgetFigures
    /// Times by the number of executed blocks.
    public var latencies: [LatencyFigures]
    /// Accuracy under attack; nil if nothing was attacked.
    public var robustness: RobustnessFigures?
    /// The paper's claims, and whether they hold here.
    public var claims: [Claim]
    /// How often images of each class were taken for each class; nil if it was not counted.
    public var confusion: ConfusionMatrix?
    /// The network's accuracy against the other network's on the same images; nil without another network.
    public var comparison: ComparisonFigures?

    /// Makes a report's figures of their parts.
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

extension ReportFigures {
    /// The text of `report.json`; the same figures give the same text.
    ///
    /// - Throws: `EncodingError` if a figure is not a number.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

/// A claim of the paper about these networks, and what the figures say about it.
public struct Claim: Sendable, Hashable, Codable {
    /// Whether a claim holds.
    public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
        /// The figures agree with the claim.
        case holds
        /// The figures contradict the claim.
        case fails
        /// There are no figures, or too few: their 95 % interval allows both.
        case unknown
    }

    /// The claim, in a sentence.
    public var text: String
    /// Whether the claim holds.
    public var verdict: Verdict
    /// The figures that the verdict follows from, in a sentence.
    public var evidence: String

    /// Makes a claim with its verdict.
    public init(text: String, verdict: Verdict, evidence: String) {
        self.text = text
        self.verdict = verdict
        self.evidence = evidence
    }
}

extension Array {
    /// The element at an index, or nil: lists of figures that were read from a file may be too short.
    subscript(ifPresent index: Int) -> Element? {
        indices.contains(index) ? self[index] : nil
    }
}
