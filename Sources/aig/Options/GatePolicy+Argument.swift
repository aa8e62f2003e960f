import ArgumentParser
import ConvNetAIG

extension GatePolicy {
    /// Reads an argument; the parser of arguments puts the option's name before the error.
    static func parse(argument: String) throws -> GatePolicy {
        do {
            return try GatePolicy(parsing: argument)
        } catch {
            throw ValidationError(error.description)
        }
    }

    /// Whether the policy says as many things as the network has gates; the session checks it too, but later.
    /// - Throws: `GatePolicyError`.
    func check(against architecture: Architecture) throws(GatePolicyError) {
        let gates = architecture.gatedBlocks.count
        switch self {
        case .mask(let open) where open.count != gates:
            throw .wrongCount(what: "mask", found: open.count, gates: gates)
        case .rate(let rates, _) where rates.count != gates && rates.count != 1:
            throw .wrongCount(what: "list of rates", found: rates.count, gates: gates)
        default: break
        }
    }
}
