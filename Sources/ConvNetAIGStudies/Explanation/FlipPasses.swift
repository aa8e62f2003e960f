import ConvNetAIG
import Foundation

/// The passes through a network that flip one gate after the other. The caller runs each pass with the policy ``next`` and
/// adds its prediction with ``add(_:)``.
struct FlipPasses {
    /// The flips so far.
    private(set) var flips: [Explanation.Flip] = []

    private let own: Prediction
    private let ownDistribution: ClassDistribution
    private let top: Int
    private let asksGates: Bool
    private let cost: NetworkCost
    /// The gated blocks.
    private let blocks: [(index: Int, name: String)]
    /// The thresholds that the gates' log-odds have to exceed; nil if later gates have nothing to decide.
    private let thresholds: [Float]?

    /// - Parameters:
    ///   - own: the image's own prediction, by `policy`, with at least one class.
    ///   - top: the number of likeliest classes to give for each flip.
    /// - Throws: ``ExplanationError``, `GatePolicyError`.
    init(
        after own: Prediction, by session: Session, policy: GatePolicy, top: Int,
        laterGates: Explanation.LaterGates, firstImage: Int
    ) throws {
        guard let distribution = ClassDistribution(logits: own.logits) else {
            throw ExplanationError.outputNotFinite(flipped: nil)
        }
        self.own = own
        ownDistribution = distribution
        self.top = top
        asksGates = policy.asksGates
        cost = session.cost
        let all = session.architecture.blocks
        blocks = session.architecture.gatedBlocks.map { ($0, all[$0].name) }
        if laterGates == .adaptive,
            case .thresholds(let values) = GateTable(
                try session.resolved(policy), gates: blocks.count, images: 1, firstImage: firstImage)
        {
            thresholds = values
        } else {
            thresholds = nil
        }
    }

    /// How gates decide in the next pass; nil after the last.
    var next: GatePolicy? {
        guard flips.count < blocks.count else { return nil }
        let gate = flips.count
        guard var thresholds else {
            var open = own.graph.gates
            open[gate].toggle()
            return .mask(open)
        }
        // The gates before it see the same features, and decide as they did.
        thresholds[gate] = own.graph.gates[gate] ? .infinity : -.infinity
        return .logOdds(thresholds)
    }

    /// Adds the prediction of a pass with the policy ``next``.
    mutating func add(_ prediction: Prediction) throws(ExplanationError) {
        let gate = flips.count
        let block = blocks[gate]
        guard let distribution = ClassDistribution(logits: prediction.logits) else {
            throw ExplanationError.outputNotFinite(flipped: block.name)
        }
        let (before, after) = (own.topClasses[0].index, prediction.topClasses[0].index)
        flips.append(
            Explanation.Flip(
                block: block.index, name: block.name, gate: gate, wasOpen: own.graph.gates[gate],
                gateProbability: own.graph.gateProbabilities[gate], gates: prediction.graph.gates,
                topClasses: Array(prediction.topClasses.prefix(top)),
                macs: cost.executedMACs(open: prediction.graph.gates, gatesEvaluated: asksGates),
                changesPrediction: before != after,
                probabilityChange: distribution.probability(of: before) - ownDistribution.probability(of: before),
                klDivergence: ownDistribution.divergence(to: distribution)))
    }
}

/// The softmax of logits, kept as logarithms, since a divergence needs small probabilities exactly.
struct ClassDistribution: Sendable, Hashable {
    private let logarithms: [Double]

    /// nil unless all logits are finite.
    init?(logits: [Float]) {
        guard logits.allSatisfy(\.isFinite), let largest = logits.max() else { return nil }
        let differences = logits.map { Double($0) - Double(largest) }
        let logarithm = log(differences.reduce(0) { $0 + exp($1) })
        logarithms = differences.map { $0 - logarithm }
    }

    func probability(of index: Int) -> Double { exp(logarithms[index]) }

    /// The Kullback-Leibler divergence of another distribution over the same classes from this one, in nats.
    func divergence(to other: ClassDistribution) -> Double {
        let sum = zip(logarithms, other.logarithms).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
        // Only rounding makes the sum negative.
        return max(sum, 0)
    }
}
