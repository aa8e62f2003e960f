/// Why a gate policy cannot be used.
public enum GatePolicyError: Error, Hashable, CustomStringConvertible {
    case probabilityOutOfRange(Float)
    case wrongCount(what: String, found: Int, gates: Int)
    case notANumber
    case budgetOutOfRange(Double)
    /// The network costs at least this share.
    case budgetTooSmall(Double, least: Double)
    /// The weights have no calibration.
    case notCalibrated
    case unreadable(String)

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
        case .budgetTooSmall(let share, let least):
            "gate policy: the budget is \(share), but the calibration goes no lower than "
                + "\((least * 1000).rounded(.up) / 1000); give that or more"
        case .notCalibrated:
            "gate policy: a budget needs weights with a calibration, and these have none; make one with 'aig calibrate'"
        case .unreadable(let text):
            "gate policy '\(text)' is not understood; give argmax, always, threshold:P, budget:SHARE[:image], "
                + "log-odds:X,… (a number per gated block), sample:SEED, mask:0110… (a digit per gated block) or "
                + "rate:P[,P…][:SEED]"
        }
    }
}
