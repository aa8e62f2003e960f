import Foundation

/// Why a checkpoint cannot be read or written. The description names the file and says what to do.
public enum CheckpointError: Error, Sendable, Hashable {
    case unreadable(path: String, problem: String)
    /// The file is something else, such as a file of weights.
    case noCheckpoint(path: String)
    /// The file is of a version that this program does not know.
    case unknownVersion(path: String, version: String)
    /// The file has been changed or cut since it was written.
    case damaged(path: String, problem: String)
    /// The file cannot be written. What was there before is untouched.
    case unwritable(path: String, problem: String)
}

extension CheckpointError: LocalizedError, CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "The checkpoint \(path) cannot be read: \(problem)."
        case .noCheckpoint(let path):
            "\(path) is not a checkpoint of a training run. Give the \(RunFolder.checkpointName) in a run's folder; to "
                + "start a new run from weights, give them as initial weights."
        case .unknownVersion(let path, let version):
            "The checkpoint \(path) is of version \(version.prefix(40)), and this program reads version "
                + "\(Checkpoint.version). Resume it with the program that wrote it."
        case .damaged(let path, let problem):
            "The checkpoint \(path) is damaged: \(problem). Resume from another copy, or start a new run from "
                + "the weights beside it (\(RunFolder.bestName), \(RunFolder.lastName))."
        case .unwritable(let path, let problem):
            "The checkpoint \(path) cannot be written: \(problem). What was saved there before is still there; make "
                + "room and resume."
        }
    }

    public var errorDescription: String? { description }
}
