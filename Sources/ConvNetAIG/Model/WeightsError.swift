import Foundation

/// Why tensors are not the weights of a network. The description says what to do.
public enum WeightsError: Error, Sendable, Hashable {
    /// Tensors and architecture do not fit; all problems at once.
    case mismatch(WeightsMismatch)
    /// Neither the caller nor the file says which network it is; `resembles` is what the names look like.
    case unknownArchitecture(source: String, resembles: String?)
    /// A metadata entry does not have the form it must have.
    case invalidMetadata(source: String, key: String, problem: String)
    /// Nothing in the file is under that key; `keys` are those there are.
    case noSuchKey(source: String, key: String, keys: [String])
    /// There is no tensor of that name in the network.
    case noSuchTensor(String)
}

extension WeightsError: LocalizedError, CustomStringConvertible {
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

    public var errorDescription: String? { description }
}
