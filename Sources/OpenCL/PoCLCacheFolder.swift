import Foundation

/// The folder in which PoCL keeps the kernels that it compiles, and its compiler's intermediate files.
///
/// PoCL works nowhere else: where it cannot make the folder, it has no devices; where it cannot write to the folder, no
/// program builds, be it there already; and on a disk that fills up, its compiler ends the process. It says none of
/// that (as of version 3.1), so that it is found out here.
struct PoCLCacheFolder {
    /// The environment variable that names the folder.
    static let variable = "POCL_CACHE_DIR"

    /// Bytes that a program of one line takes while it is compiled, or just looked up, rounded down: PoCL's own
    /// declarations are copied along.
    static let leastSpace = 1_000_000

    /// Where the folder is; nil if the variable is set to nothing, which PoCL aborts at.
    let path: String?

    /// - Parameter environment: `POCL_CACHE_DIR`, or pocl/kcache in `XDG_CACHE_HOME`, in ~/.cache, or in /tmp; with
    ///   `POCL_KERNEL_CACHE=0`, pocl/uncached in its stead.
    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        if let folder = environment[Self.variable] {
            path = folder.isEmpty ? nil : folder
            return
        }
        let name = environment["POCL_KERNEL_CACHE"] == "0" ? "pocl/uncached" : "pocl/kcache"
        if let caches = environment["XDG_CACHE_HOME"], !caches.isEmpty {
            path = "\(caches)/\(name)"
        } else if let home = environment["HOME"] {
            path = "\(home)/.cache/\(name)"
        } else {
            path = "/tmp/\(name)"
        }
    }

    /// What keeps PoCL from working at all, as far as that is known before it tries: it would end the process.
    func fatalProblem() -> PoCLCacheProblem? {
        guard let path else { return .noName }
        var status = statvfs()
        // A folder that is not there yet is made on the disk of one that is.
        guard statvfs(path, &status) == 0 else { return nil }
        // What is set aside for root is root's to use.
        let blocks = geteuid() == 0 ? status.f_bfree : status.f_bavail
        let (free, overflows) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        // File systems that are not on a disk, such as /proc, have no blocks at all.
        guard status.f_blocks > 0, !overflows, free < UInt64(Self.leastSpace) else { return nil }
        return .full(path: path, free: Int(free))
    }

    /// Why PoCL has failed, if that is the folder's fault: whatever PoCL does begins with a file of its own there.
    func problem() -> PoCLCacheProblem? {
        guard let path else { return .noName }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
            return .cannotBeWritten(path: path, reason: CacheFolders.reason(ENOTDIR))
        }
        if let reason = CacheFolders.make(path) { return .cannotBeMade(path: path, reason: reason) }
        return fatalProblem() ?? probe(path)
    }

    /// Writes to a file in the folder and removes it. Rights alone do not tell: root has them in file systems that take
    /// no files.
    private func probe(_ path: String) -> PoCLCacheProblem? {
        let name = "\(path)/convnet-aig-\(UUID().uuidString)"
        let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return .cannotBeWritten(path: path, reason: CacheFolders.reason(errno)) }
        let isWritten = write(descriptor, name, 1) == 1
        let failure = errno
        close(descriptor)
        unlink(name)
        return isWritten ? nil : .cannotBeWritten(path: path, reason: CacheFolders.reason(failure))
    }
}

/// What is wrong with the folder in which PoCL keeps what it compiles; the description says what to do.
public enum PoCLCacheProblem: Error, Hashable, Sendable, CustomStringConvertible, LocalizedError {
    /// `POCL_CACHE_DIR` is set, to nothing.
    case noName
    case cannotBeMade(path: String, reason: String)
    case cannotBeWritten(path: String, reason: String)
    /// So few bytes are free that PoCL's compiler would end the process.
    case full(path: String, free: Int)

    public var description: String {
        let remedy = "Set the environment variable \(PoCLCacheFolder.variable) to a folder that can be written."
        switch self {
        case .noName:
            return
                "the environment variable \(PoCLCacheFolder.variable) is set to nothing. Set it to a folder that can "
                + "be written, or unset it."
        case .cannotBeMade(let path, let reason):
            return "PoCL cannot make the folder \(path) for what it compiles (\(reason)). \(remedy)"
        case .cannotBeWritten(let path, let reason):
            return "PoCL cannot write what it compiles to \(path) (\(reason)). \(remedy)"
        case .full(let path, let free):
            return "the disk of \(path), to which PoCL writes what it compiles, is full: \(free / 1000) kB are free, "
                + "and \(PoCLCacheFolder.leastSpace / 1000) kB the least. Make room, or set the environment variable "
                + "\(PoCLCacheFolder.variable) to a folder on another disk."
        }
    }

    public var errorDescription: String? { description }
}
