import ConvNetAIG
import FileSystem
import Foundation

/// The folder of a training run. Only one process at a time can hold it.
public final class RunFolder {
    /// Name of the checkpoint that the run is resumed from.
    public static let checkpointName = "checkpoint.safetensors"
    /// Name of the weights that did best in validation.
    public static let bestName = "best.safetensors"
    /// Name of the weights after the last complete epoch.
    public static let lastName = "last.safetensors"
    /// Name of the metrics, a line of JSON per epoch.
    public static let metricsName = "metrics.jsonl"
    /// Name of the training curves, an SVG image.
    public static let curvesName = "curves.svg"
    private static let lockName = ".lock"

    /// Path of the folder.
    public let path: String
    private let lock: FileDescriptor

    /// Takes hold of a folder, creating it if need be, and removes unfinished files that a killed process left there.
    ///
    /// - Throws: ``RunFolderError``.
    public init(path: String) throws(RunFolderError) {
        self.path = path
        do {
            try createFolders(path)
        } catch {
            throw .unusable(path: path, problem: error.problem)
        }
        do {
            lock = try FileDescriptor.open(path: "\(path)/\(Self.lockName)", .readWrite, options: .create)
        } catch {
            throw .unusable(path: path, problem: error.text)
        }
        // Some file systems have no locks; there, avoiding two runs in a folder is left to the user.
        if flock(lock.rawValue, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            try? lock.close()
            throw .inUse(path: path)
        }
        AtomicFile.removeUnfinished(in: path)
    }

    deinit { try? lock.close() }

    /// Path of the checkpoint.
    public var checkpointPath: String { file(Self.checkpointName) }
    /// Path of the weights that did best in validation.
    public var bestPath: String { file(Self.bestName) }
    /// Path of the weights after the last complete epoch.
    public var lastPath: String { file(Self.lastName) }
    /// The file of metrics.
    public var metrics: MetricsFile { MetricsFile(path: file(Self.metricsName)) }
    /// Path of the training curves.
    public var curvesPath: String { file(Self.curvesName) }
    /// Whether the folder holds a run.
    public var hasCheckpoint: Bool { Self.hasCheckpoint(path) }

    /// Whether a folder holds a run, without taking hold of it.
    static func hasCheckpoint(_ path: String) -> Bool {
        FileStatus("\(path)/\(checkpointName)") != nil
    }

    private func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// Why a folder cannot hold a training run. The description says what to do.
public enum RunFolderError: Error, Sendable, Hashable {
    /// The folder cannot be created or written to.
    case unusable(path: String, problem: String)
    /// Another process holds the folder.
    case inUse(path: String)
}

extension RunFolderError: LocalizedError, CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unusable(let path, let problem):
            "The run's folder \(path) cannot be used: \(problem)."
        case .inUse(let path):
            "Another process is training in \(path). Wait for it to end, or give another folder."
        }
    }

    /// The same text as ``description``.
    public var errorDescription: String? { description }
}
