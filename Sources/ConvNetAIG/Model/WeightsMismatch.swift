/// Everything in which tensors and an architecture disagree.
public struct WeightsMismatch: Sendable, Hashable {
    /// One tensor and what is wrong with it.
    public struct Problem: Sendable, Hashable {
        public let tensor: String
        /// What was found or expected.
        public let detail: String
    }

    /// The file, or wherever the tensors come from.
    public let source: String
    /// The architecture's name.
    public let architecture: String
    public internal(set) var missing: [Problem] = []
    /// Tensors the architecture has no place for.
    public internal(set) var unexpected: [Problem] = []
    public internal(set) var misshapen: [Problem] = []
    /// Tensors that are not float32.
    public internal(set) var wrongType: [Problem] = []
    /// Tensors with infinite values or NaN.
    public internal(set) var notFinite: [Problem] = []
    /// Running variances below zero.
    public internal(set) var negativeVariance: [Problem] = []
    /// What to do about it.
    public internal(set) var hints: [String] = []

    init(source: String, architecture: String) {
        self.source = source
        self.architecture = architecture
    }

    private var kinds: [(title: String, problems: [Problem])] {
        [
            ("Missing", missing), ("Unexpected", unexpected), ("Wrong shape", misshapen),
            ("Wrong type", wrongType), ("Infinite or NaN", notFinite),
            ("Negative variance", negativeVariance),
        ]
    }

    var isEmpty: Bool { kinds.allSatisfy(\.problems.isEmpty) }
}

extension WeightsMismatch: CustomStringConvertible {
    private static let longestList = 20

    /// The hints, then each kind of problem with its first 20 tensors.
    public var description: String {
        var lines = ["The weights of \(source) do not fit \(architecture)."] + hints
        for (title, problems) in kinds where !problems.isEmpty {
            lines.append("\(title) (\(problems.count)):")
            lines += problems.prefix(Self.longestList).map { "  \($0.tensor.prefix(200)): \($0.detail)" }
            if problems.count > Self.longestList {
                lines.append("  … and \(problems.count - Self.longestList) more")
            }
        }
        return lines.joined(separator: "\n")
    }
}
