/// How the output of a block's gate becomes the decision to run the block.
///
/// A gate has two logits, of which the second means "execute"; their difference is its log-odds, and the probability of
/// "execute" is sigmoid(log-odds).
public enum GatePolicy: Sendable, Hashable {
    /// Open where "execute" is the likelier of the two, as the network was trained to be used.
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

    /// A ``budget(_:)`` from its share of the dense network's multiply-accumulates.
    public static func budget(macs share: Double, of scope: MACBudget.Scope = .mean) -> GatePolicy {
        .budget(MACBudget(share: share, scope: scope))
    }

    /// Checks that the policy fits a network.
    ///
    /// - Parameter gates: Number of gated blocks of the network.
    /// - Throws: ``GatePolicyError`` if a value is out of range or there are too many or too few.
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

// MARK: Text

extension GatePolicy: LosslessStringConvertible {
    /// The policy as the command line writes it: `argmax`, `always`, `threshold:0.7`, `budget:0.6`, `budget:0.6:image`,
    /// `log-odds:0.5,-1.0`, `sample:42`, `mask:0110`, `rate:0.6:42` or, with a rate per gated block, `rate:1,0.8,0.5:42`.
    public var description: String {
        switch self {
        case .argmax: "argmax"
        case .threshold(let probability): "threshold:\(probability)"
        case .logOdds(let thresholds): "log-odds:" + thresholds.commaSeparated
        case .budget(let budget): "budget:\(budget.share)" + (budget.scope == .mean ? "" : ":\(budget.scope.rawValue)")
        case .sample(let seed): "sample:\(seed)"
        case .always: "always"
        case .mask(let open): "mask:" + open.map { $0 ? "1" : "0" }.joined()
        case .rate(let rates, let seed): "rate:" + rates.commaSeparated + ":\(seed)"
        }
    }

    /// Reads a policy as ``description`` writes it; nil if the text is none. A seed that is left out is 0.
    public init?(_ description: String) {
        try? self.init(parsing: description)
    }

    /// Reads a policy as ``description`` writes it. A seed that is left out is 0.
    ///
    /// - Throws: ``GatePolicyError`` with the text and the forms that are understood.
    public init(parsing text: String) throws(GatePolicyError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch (parts.first, parts.count) {
        case ("argmax", 1): self = .argmax
        case ("always", 1): self = .always
        case ("sample", 1): self = .sample(seed: 0)
        case ("sample", 2):
            guard let seed = UInt64(parts[1]) else { throw .unreadable(text) }
            self = .sample(seed: seed)
        case ("threshold", 2):
            guard let probability = Float(parts[1]) else { throw .unreadable(text) }
            guard (0...1).contains(probability) else { throw .probabilityOutOfRange(probability) }
            self = .threshold(probability)
        case ("log-odds", 2):
            let values = parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
            guard !values.contains(nil) else { throw .unreadable(text) }
            let thresholds = values.compactMap(\.self)
            guard !thresholds.contains(where: \.isNaN) else { throw .notANumber }
            self = .logOdds(thresholds)
        case ("budget", 2...3):
            let scope = parts.count == 3 ? MACBudget.Scope(rawValue: String(parts[2])) : .mean
            guard let share = Double(parts[1]), let scope else { throw .unreadable(text) }
            guard share > 0, share <= 1 else { throw .budgetOutOfRange(share) }
            self = .budget(MACBudget(share: share, scope: scope))
        case ("mask", 2):
            guard !parts[1].isEmpty, parts[1].allSatisfy({ $0 == "0" || $0 == "1" }) else { throw .unreadable(text) }
            self = .mask(parts[1].map { $0 == "1" })
        case ("rate", 2...3):
            let rates = parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
            guard let seed = parts.count == 3 ? UInt64(parts[2]) : 0 else { throw .unreadable(text) }
            var known: [Float] = []
            for rate in rates {
                guard let rate else { throw .unreadable(text) }
                guard (0...1).contains(rate) else { throw .probabilityOutOfRange(rate) }
                known.append(rate)
            }
            self = .rate(known, seed: seed)
        default: throw .unreadable(text)
        }
    }
}

// MARK: Budgets

/// The multiply-accumulates that an image may cost, as a share of the dense network's with all its gates: 1 runs every
/// block.
public struct MACBudget: Sendable, Hashable, Codable {
    /// Whose cost is held to the budget.
    public enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
        /// The mean over many images.
        case mean
        /// Every image. Images like those of the calibration keep to it; others may exceed it.
        case image
    }

    /// Share of the dense network's multiply-accumulates, in 0...1.
    public var share: Double
    /// Whose cost is held to the budget.
    public var scope: Scope

    /// A budget; a ``GatePolicy`` with it is checked when it is used.
    public init(share: Double, scope: Scope = .mean) {
        self.share = share
        self.scope = scope
    }
}

extension BudgetCalibration {
    /// The thresholds that keep to a budget.
    ///
    /// - Returns: A threshold of the log-odds for each gated block.
    /// - Throws: ``GatePolicyError/budgetOutOfRange(_:)``, or ``GatePolicyError/budgetTooSmall(_:min:)`` if the network
    ///   costs more with every gate as closed as it was measured.
    public func thresholds(for budget: MACBudget) throws(GatePolicyError) -> [Float] {
        guard budget.share > 0, budget.share <= 1 else { throw .budgetOutOfRange(budget.share) }
        switch budget.scope {
        case .mean: return try meanThresholds(budget.share)
        case .image:
            // In between, nothing is known of the image that costs most.
            guard let position = positions.last(where: { $0.largestShare <= budget.share }) else {
                throw .budgetTooSmall(budget.share, min: positions.map(\.largestShare).min() ?? 1)
            }
            return position.thresholds
        }
    }

    private func meanThresholds(_ share: Double) throws(GatePolicyError) -> [Float] {
        guard let above = positions.firstIndex(where: { $0.share >= share }) else {
            guard let last = positions.last else { throw .notCalibrated }
            return last.thresholds
        }
        let upper = positions[above]
        guard upper.share > share else { return upper.thresholds }
        guard above > 0 else { throw .budgetTooSmall(share, min: upper.share) }
        let lower = positions[above - 1]
        let weight = Float((share - lower.share) / (upper.share - lower.share))
        return zip(lower.thresholds, upper.thresholds).map { $0 + weight * ($1 - $0) }
    }
}

// MARK: Errors

/// Why a gate policy cannot be used.
public enum GatePolicyError: Error, Hashable, CustomStringConvertible {
    /// A probability or rate is not in 0...1.
    case probabilityOutOfRange(Float)
    /// A list does not have one value per gated block.
    case wrongCount(what: String, found: Int, gates: Int)
    /// A threshold is NaN.
    case notANumber
    /// A budget is not above 0 and at most 1.
    case budgetOutOfRange(Double)
    /// The calibration goes down to the share `min` only.
    case budgetTooSmall(Double, min: Double)
    /// The weights have no calibration.
    case notCalibrated
    /// A text is no policy.
    case unreadable(String)

    /// The reason, and what to do.
    public var description: String {
        switch self {
        case .probabilityOutOfRange(let value):
            "gate policy: \(value) is not a probability; give a value from 0 to 1"
        case .wrongCount(let what, let found, let gates):
            "gate policy: the \(what) has \(found) entries, but the network has \(gates) gated blocks; give one per "
                + "gated block"
        case .notANumber:
            "gate policy: a threshold is not a number; give -inf for always and inf for never"
        case .budgetOutOfRange(let share):
            "gate policy: the budget is \(share); give a share of the dense network's MACs, more than 0 and at most 1"
        case .budgetTooSmall(let share, let min):
            "gate policy: the budget is \(share), but the calibration goes no lower than "
                + "\((min * 1000).rounded(.up) / 1000); give that or more"
        case .notCalibrated:
            "gate policy: a budget needs weights with a calibration, and these have none; make one with 'aig calibrate'"
        case .unreadable(let text):
            "gate policy '\(text)' is not understood; give argmax, always, threshold:P, budget:SHARE[:image], "
                + "log-odds:X,… (a number per gated block), sample:SEED, mask:0110… (a digit per gated block) or "
                + "rate:P[,P…][:SEED]"
        }
    }
}
