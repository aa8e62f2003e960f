import ArgumentParser
import ConvNetAIGTraining

extension TargetRates {
    /// Reads an argument; the parser of arguments puts the option's name before the error.
    static func parse(argument: String) throws -> TargetRates {
        do {
            return try TargetRates(parsing: argument)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
