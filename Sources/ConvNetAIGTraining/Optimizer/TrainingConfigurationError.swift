import Foundation

/// Why a training configuration cannot be used. The description says what to change.
public enum TrainingConfigurationError: Error, Sendable, Hashable {
    /// The JSON has a key that means nothing here, given with its path.
    case unknownKey(String, known: [String])
    /// A value is out of bounds, of the wrong type, or does not fit the others; the key is given with its path.
    case invalidValue(key: String, problem: String)
    /// The JSON is malformed.
    case invalidJSON(String)
    case unreadableFile(path: String, problem: String)
    case unknownPreset(String, known: [String])
}

extension TrainingConfigurationError: LocalizedError, CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownKey(let key, let known):
            "The training configuration has an unknown key \"\(key)\". Remove it or correct its spelling; known here are "
                + "\(known.joined(separator: ", "))."
        case .invalidValue(let key, let problem):
            "In the training configuration, \(key) \(problem)."
        case .invalidJSON(let problem):
            "The training configuration's JSON cannot be used: \(problem)."
        case .unreadableFile(let path, let problem):
            "The training configuration cannot be read from \(path): \(problem)."
        case .unknownPreset(let name, let known):
            "There is no training preset \"\(name.prefix(100))\". Known are \(known.joined(separator: ", "))."
        }
    }

    public var errorDescription: String? { description }
}
