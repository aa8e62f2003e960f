/// How a gate's output becomes the decision to run a block.
public enum GatePolicy: Sendable, Hashable {
    /// Open where "execute" is the likelier of the two: the network as it was trained to be used.
    case argmax
    /// Open where the probability of "execute" exceeds this value, in 0...1; 0.5 is `argmax`.
    case threshold(Float)
    /// Open each gate where its log-odds, logit 1 - logit 0, exceed its own value: one per gated block.
    case logOdds([Float])
    /// Choose the gates' thresholds so that images cost what the budget says, from the calibration that is stored with
    /// the weights.
    case budget(MACBudget)
    /// Draw each decision with the gate's own probability, by the Gumbel-max trick on Philox random numbers. The same
    /// seed gives an image the same noise on every backend and in every batch.
    case sample(seed: UInt64)
    /// Run every block and ask no gate: the dense network.
    case always
    /// Run just these blocks, one value per gated block, and ask no gate.
    case mask([Bool])
    /// Ask every gate as `argmax` does, then open it with the given probability instead: one rate per gated block, or a
    /// single one for all. It costs what a trained network with these rates costs, for timing one that is not at hand.
    case rate([Float], seed: UInt64)

    /// Whether the gates are computed.
    public var asksGates: Bool {
        switch self {
        case .argmax, .threshold, .logOdds, .budget, .sample, .rate: true
        case .always, .mask: false
        }
    }

    /// As ``budget(_:)`` with the mean multiply-accumulates of an image, as a share of the dense network's.
    public static func budget(macs share: Double, of scope: MACBudget.Scope = .mean) -> GatePolicy {
        .budget(MACBudget(share: share, scope: scope))
    }

    /// - Throws: ``GatePolicyError`` if the policy does not fit a network with this many gated blocks.
    public func validate(gates: Int) throws(GatePolicyError) {
        switch self {
        case .argmax, .sample, .always: break
        case .threshold(let probability):
            guard (0...1).contains(probability) else { throw .probabilityOutOfRange(probability) }
        case .logOdds(let thresholds):
            guard thresholds.count == gates else {
                throw .wrongCount(what: "list of log-odds", found: thresholds.count, gates: gates)
            }
            guard !thresholds.contains(where: \.isNaN) else { throw .notANumber }
        case .budget(let budget):
            guard budget.share > 0, budget.share <= 1 else { throw .budgetOutOfRange(budget.share) }
        case .mask(let open):
            guard open.count == gates else { throw .wrongCount(what: "mask", found: open.count, gates: gates) }
        case .rate(let rates, _):
            guard rates.count == gates || rates.count == 1 else {
                throw .wrongCount(what: "list of rates", found: rates.count, gates: gates)
            }
            for rate in rates where !(0...1).contains(rate) { throw .probabilityOutOfRange(rate) }
        }
    }
}
