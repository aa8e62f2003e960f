import Foundation

/// Why what was tuned is known to the process alone, and not kept for later ones.
public enum TuningStoreError: Error, Hashable, Sendable, CustomStringConvertible, LocalizedError {
    /// The runtime has no ``TuningStore``.
    case noFolder
    /// A file cannot be written.
    case notWritten(path: String, reason: String)
    /// What was written cannot be read again, as where files belong to another user than the one who writes them.
    case notReadable(path: String)

    public var description: String {
        switch self {
        case .noFolder:
            "there is no folder for them: AIG_CACHE is off, or neither AIG_CACHE nor XDG_CACHE_HOME nor HOME names one"
        case .notWritten(let path, let reason):
            "\(path) cannot be written (\(reason)); set AIG_CACHE to a folder that can be"
        case .notReadable(let path):
            "\(path) cannot be read again once it is written; set AIG_CACHE to a folder of your own"
        }
    }

    public var errorDescription: String? { description }
}
