import Foundation

/// Why tensors cannot be the weights of a network. The description says what to do.
public enum WeightsError: Error, Sendable, Hashable {
    /// Tensors and architecture do not fit; all problems at once.
    case mismatch(WeightsMismatch)
    /// Neither the caller nor the file names the network; `resembles` is the known one with the most similar tensors' names.
    case unknownArchitecture(source: String, resembles: String?)
    /// A metadata entry is malformed.
    case invalidMetadata(source: String, key: String, problem: String)
    /// The file has no weights under that key; `keys` are those that it has.
    case noSuchKey(source: String, key: String, keys: [String])
    /// The network has no tensor of that name.
    case noSuchTensor(String)
}

extension WeightsError: LocalizedError, CustomStringConvertible {
    /// What is wrong and what to do. A mismatch has a line for each tensor.
    public var description: String {
        switch self {
        case .mismatch(let mismatch):
            mismatch.description
        case .unknownArchitecture(let source, let resembles):
            "\(source) does not say which network it is for (it has no metadata \"architecture\", and its tensors are not "
                + "those of a known one). Pass the architecture"
                + (resembles.map { "; by the tensors' names it is like \($0)." } ?? ".")
        case .invalidMetadata(let source, let key, let problem):
            "The metadata \"\(key)\" of \(source) cannot be used: \(problem)"
                + (problem.hasSuffix(".") ? "" : ".") + " Correct it when exporting."
        case .noSuchKey(let source, let key, let keys):
            "\(source) has no weights under the key \"\(key.prefix(100))\""
                + (keys.isEmpty
                    ? "; leave the key out."
                    : "; it has them under "
                        + keys.prefix(10).map { "\"\($0.prefix(100))\"" }.joined(separator: ", ") + ".")
        case .noSuchTensor(let name):
            "The network has no tensor \"\(name.prefix(200))\"; Weights.layout(of:) lists those there are."
        }
    }

    /// The same as ``description``.
    public var errorDescription: String? { description }
}

/// All differences between a file's tensors and those of an architecture.
public struct WeightsMismatch: Sendable, Hashable {
    /// A tensor and what is wrong with it.
    public struct Problem: Sendable, Hashable {
        /// The tensor's name.
        public let tensor: String
        /// What was found or expected.
        public let detail: String
    }

    /// The file, or another origin of the tensors.
    public let source: String
    /// The architecture's name.
    public let architecture: String
    /// Tensors of the architecture that the file lacks.
    public internal(set) var missing: [Problem] = []
    /// Tensors that the architecture does not have.
    public internal(set) var unexpected: [Problem] = []
    /// Tensors of another shape than the architecture's.
    public internal(set) var misshapen: [Problem] = []
    /// Tensors that are not floating point, or that cannot be read.
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
    private static let maximumList = 20

    /// The hints, then each kind of problem with its first 20 tensors.
    public var description: String {
        var lines = ["The weights of \(source) do not fit \(architecture)."] + hints
        for (title, problems) in kinds where !problems.isEmpty {
            lines.append("\(title) (\(problems.count)):")
            lines += problems.prefix(Self.maximumList).map { "  \($0.tensor.prefix(200)): \($0.detail)" }
            if problems.count > Self.maximumList {
                lines.append("  … and \(problems.count - Self.maximumList) more")
            }
        }
        return lines.joined(separator: "\n")
    }
}
