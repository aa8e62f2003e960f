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

    /// Decisions of the pass to come.
    private var open: [Bool] = []
    /// The first gate whose decision in `open` may still change.
    private var settled = 0

    /// - Parameters:
    ///   - own: the picture's own prediction, by `policy`, with at least one candidate.
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
            case .thresholds(let values) = GateTable(policy, gates: blocks.count, images: 1, firstImage: firstImage)
        {
            thresholds = values
        } else {
            thresholds = nil
        }
        prepare()
    }

    /// How gates have to decide in the next pass; nil if all are done.
    var next: GatePolicy? {
        guard flips.count < blocks.count else { return nil }
        // Rates of 0 and 1 decide as a mask does, but ask the gates all the same.
        return mayChange ? .rate(open.map { $0 ? 1 : 0 }, seed: 0) : .mask(open)
    }

    /// Takes what a pass decided by ``next`` came to.
    ///
    /// - Returns: whether a flip is done with it.
    /// - Throws: ``ExplanationError``.
    mutating func take(_ prediction: Prediction) throws -> Bool {
        if mayChange, decideAgain(prediction.graph.gateProbabilities) { return false }
        let gate = flips.count
        let block = blocks[gate]
        guard let distribution = ClassDistribution(logits: prediction.logits) else {
            throw ExplanationError.outputNotFinite(flipped: block.name)
        }
        let (before, after) = (own.candidates[0].index, prediction.candidates[0].index)
        flips.append(
            Explanation.Flip(
                block: block.index, name: block.name, gate: gate, wasOpen: own.graph.gates[gate],
                gateProbability: own.graph.gateProbabilities[gate], gates: open,
                candidates: Array(prediction.candidates.prefix(candidates)),
                macs: cost.executedMACs(open: open, gatesEvaluated: asksGates), changesPrediction: before != after,
                probabilityChange: distribution.probability(of: before) - ownDistribution.probability(of: before),
                klDivergence: ownDistribution.divergence(to: distribution)))
        prepare()
        return true
    }

    private mutating func prepare() {
        guard flips.count < blocks.count else { return }
        open = own.graph.gates
        open[flips.count].toggle()
        settled = flips.count + 1
    }

    /// Whether a gate behind the flipped one may decide otherwise than in `open`.
    private var mayChange: Bool { thresholds != nil && settled < blocks.count }

    /// A gate's features depend on the decisions before it and on nothing else. So the first gate that decides otherwise has
    /// seen what it would have seen, and is settled with all before it. Those behind it have to be asked again; what they
    /// say meanwhile is a guess that is mostly right, and saves passes.
    ///
    /// - Parameter probabilities: what the gates said, with the decisions in `open`.
    /// - Returns: whether that changes anything.
    private mutating func decideAgain(_ probabilities: [Float]) -> Bool {
        guard let thresholds else { return false }
        var firstChange: Int?
        for gate in settled..<blocks.count {
            let logOdds = log(probabilities[gate] / (1 - probabilities[gate]))
            // A rate of 1 opens a gate also where its probability is too small for a number.
            let opens = thresholds[gate] == -.infinity || logOdds > thresholds[gate]
            guard opens != open[gate] else { continue }
            open[gate] = opens
            firstChange = firstChange ?? gate
        }
        guard let firstChange else { return false }
        settled = firstChange + 1
        return true
    }
}
