extension GatePolicy: LosslessStringConvertible {
    /// The policy as the command line writes it: `argmax`, `always`, `threshold:0.7`, `budget:0.6`, `budget:0.6:image`,
    /// `log-odds:0.5,-1.0`, `sample:42`, `mask:0110`, `rate:0.6:42` or, with a rate per gated block, `rate:1,0.8,0.5:42`.
    public var description: String {
        switch self {
        case .argmax: "argmax"
        case .threshold(let probability): "threshold:\(probability)"
        case .logOdds(let thresholds): "log-odds:" + thresholds.map { "\($0)" }.joined(separator: ",")
        case .budget(let budget): "budget:\(budget.share)" + (budget.scope == .mean ? "" : ":\(budget.scope.rawValue)")
        case .sample(let seed): "sample:\(seed)"
        case .always: "always"
        case .mask(let open): "mask:" + open.map { $0 ? "1" : "0" }.joined()
        case .rate(let rates, let seed): "rate:" + rates.map { "\($0)" }.joined(separator: ",") + ":\(seed)"
        }
    }

    /// The policy that `description` writes so; nil if there is none. Seeds may be left out: they are 0 then.
    public init?(_ description: String) {
        try? self.init(parsing: description)
    }

    /// - Throws: ``GatePolicyError`` naming the text and what may stand there.
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
