import Foundation

/// Why an ``Architecture`` cannot be made. The description says what to change.
public enum ArchitectureError: Error, Sendable, Hashable {
    /// No network has that name; `suggestion` is the closest one that exists.
    case unknownName(String, suggestion: String?)
    /// A size is out of bounds or does not fit the others.
    case invalidValue(property: String, problem: String)
    /// The JSON has a key that means nothing here, given with its path.
    case unknownKey(String, known: [String])
    /// The JSON is malformed, or lacks a key, or has a value of the wrong type.
    case invalidJSON(String)
    /// The file cannot be read.
    case unreadableFile(path: String, problem: String)

    static func unknown(_ name: String) -> ArchitectureError {
        // The comparison takes time in the product of the lengths; nobody's typing error is that long.
        let attempt = String(name.prefix(64)).lowercased()
        let candidates = Architecture.knownNames.map { (name: $0, distance: editDistance(attempt, $0)) }
        let closest = candidates.min { $0.distance < $1.distance }
        return .unknownName(name, suggestion: closest.flatMap { $0.distance <= 8 ? $0.name : nil })
    }

    /// Levenshtein distance.
    private static func editDistance(_ first: String, _ second: String) -> Int {
        let second = Array(second)
        var row = Array(0...second.count)
        for (i, a) in first.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in second.enumerated() {
                let substitution = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }
}

extension ArchitectureError: LocalizedError, CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownName(let name, let suggestion):
            "There is no architecture \"\(name.prefix(100))\"."
                + (suggestion.map { " Did you mean \($0)?" } ?? "")
                + " Known are \(Architecture.knownNames.joined(separator: ", ")), "
                + "resnet-cifar-N and convnet-aig-cifar-N for any N = 6n + 2 from 8 on, "
                + "and the path of a JSON file."
        case .invalidValue(let property, let problem):
            "In the architecture, \(property) \(problem)."
        case .unknownKey(let key, let known):
            "The architecture's JSON has an unknown key \"\(key)\". Remove it or correct its spelling; "
                + "known here are \(known.joined(separator: ", "))."
        case .invalidJSON(let problem):
            "The architecture's JSON cannot be used: \(problem)."
        case .unreadableFile(let path, let problem):
            "The architecture cannot be read from \(path): \(problem)."
        }
    }

    public var errorDescription: String? { description }
}
