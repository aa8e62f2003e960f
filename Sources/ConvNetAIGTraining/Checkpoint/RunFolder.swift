import ConvNetAIG
import FileSystem
import Foundation

/// The folder of a training run. Held by one process at a time.
public final class RunFolder {
    /// What the run is resumed from.
    public static let checkpointName = "checkpoint.safetensors"
    /// The network that did best in validation.
    public static let bestName = "best.safetensors"
    /// The network as of the last complete epoch.
    public static let lastName = "last.safetensors"
    public static let metricsName = "metrics.jsonl"
    public static let curvesName = "curves.svg"
    private static let lockName = ".lock"

    public let path: String
    private let lock: FileDescriptor

    /// Takes hold of a folder, which is made if it is not there, and clears it of what a killed process left unfinished.
    ///
    /// - Throws: ``TrainingError/unusableFolder(path:problem:)``, ``TrainingError/folderInUse(path:)``.
    public init(path: String) throws(TrainingError) {
        self.path = path
        do {
            try createFolders(path)
        } catch {
            throw .unusableFolder(path: path, problem: error.problem)
        }
        do {
            lock = try FileDescriptor.open(path: "\(path)/\(Self.lockName)", .readWrite, options: .create)
        } catch {
            throw .unusableFolder(path: path, problem: error.text)
        }
        // Some file systems have no locks: there, it is left to the user.
        if flock(lock.rawValue, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            try? lock.close()
            throw .folderInUse(path: path)
        }
        AtomicFile.removeUnfinished(in: path)
    }

    deinit { try? lock.close() }

    public var checkpointPath: String { file(Self.checkpointName) }
    public var bestPath: String { file(Self.bestName) }
    public var lastPath: String { file(Self.lastName) }
    public var metrics: MetricsFile { MetricsFile(path: file(Self.metricsName)) }
    public var curvesPath: String { file(Self.curvesName) }
    public var hasCheckpoint: Bool { Self.hasCheckpoint(path) }

    /// Whether there is a run in a folder, which is left as it is.
    static func hasCheckpoint(_ path: String) -> Bool {
        FileStatus("\(path)/\(checkpointName)") != nil
    }

    private func file(_ name: String) -> String { "\(path)/\(name)" }
}
