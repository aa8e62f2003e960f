import ConvNetAIG
import Foundation

/// The passes through a network that flip one gate after the other, whoever runs them: ``next`` is how gates have to decide,
/// and ``take(_:)`` what came of it.
struct FlipPasses {
    /// Those done so far.
    private(set) var flips: [Explanation.Flip] = []

    private let own: Prediction
    private let ownDistribution: ClassDistribution
    private let candidates: Int
    private let asksGates: Bool
    private let cost: NetworkCost
    /// The gated blocks.
    private let blocks: [(index: Int, name: String)]
    /// What each gate's log-odds have to exceed; nil where later gates have nothing to decide.
    private let thresholds: [Float]?

    /// - Parameters:
    ///   - own: the image's own prediction, by `policy`, with at least one candidate.
    ///   - candidates: how many to give of each flip.
    /// - Throws: ``ExplanationError``.
    init(
        after own: Prediction, by session: Session, policy: GatePolicy, candidates: Int,
        laterGates: Explanation.LaterGates, firstImage: Int
    ) throws {
        guard let distribution = ClassDistribution(logits: own.logits) else {
            throw ExplanationError.outputNotFinite(flipped: nil)
        }
        self.own = own
        ownDistribution = distribution
        self.candidates = candidates
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

    /// How gates have to decide in the next pass; nil if all are done.
    var next: GatePolicy? {
        guard flips.count < blocks.count else { return nil }
        let gate = flips.count
        guard var thresholds else {
            var open = own.graph.gates
            open[gate].toggle()
            return .mask(open)
        }
        // Gates before it see what they saw, and decide as they did.
        thresholds[gate] = own.graph.gates[gate] ? .infinity : -.infinity
        return .logOdds(thresholds)
    }

    /// Takes what a pass decided by ``next`` came to.
    ///
    /// - Throws: ``ExplanationError``.
    mutating func take(_ prediction: Prediction) throws {
        let gate = flips.count
        let block = blocks[gate]
        guard let distribution = ClassDistribution(logits: prediction.logits) else {
            throw ExplanationError.outputNotFinite(flipped: block.name)
        }
        let (before, after) = (own.candidates[0].index, prediction.candidates[0].index)
        flips.append(
            Explanation.Flip(
                block: block.index, name: block.name, gate: gate, wasOpen: own.graph.gates[gate],
                gateProbability: own.graph.gateProbabilities[gate], gates: prediction.graph.gates,
                candidates: Array(prediction.candidates.prefix(candidates)),
                macs: cost.executedMACs(open: prediction.graph.gates, gatesEvaluated: asksGates),
                changesPrediction: before != after,
                probabilityChange: distribution.probability(of: before) - ownDistribution.probability(of: before),
                klDivergence: ownDistribution.divergence(to: distribution)))
    }
}
