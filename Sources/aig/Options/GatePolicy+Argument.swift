import ArgumentParser
import ConvNetAIG

extension GatePolicy {
    /// Reads the argument of `--budget`.
    static func parse(budget: String) throws -> GatePolicy { try parse(argument: "budget:" + budget) }

    /// Reads an argument; the parser of arguments puts the option's name before the error.
    static func parse(argument: String) throws -> GatePolicy {
        do {
            return try GatePolicy(parsing: argument)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
