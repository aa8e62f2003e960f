/// Why a gate policy cannot be used.
public enum GatePolicyError: Error, Hashable, CustomStringConvertible {
    case probabilityOutOfRange(Float)
    case wrongCount(what: String, found: Int, gates: Int)
    case unreadable(String)

    public var description: String {
        switch self {
        case .probabilityOutOfRange(let value):
            "gate policy: \(value) is not a probability; give a value from 0 to 1"
        case .wrongCount(let what, let found, let gates):
            "gate policy: the \(what) has \(found) entries, but the network has \(gates) gated blocks; give one per "
                + "gated block"
        case .unreadable(let text):
            "gate policy '\(text)' is not understood; give argmax, always, threshold:P, sample:SEED, mask:0110… "
                + "(a digit per gated block) or rate:P[,P…][:SEED]"
        }
    }
}
