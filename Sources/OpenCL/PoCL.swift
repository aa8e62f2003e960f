import Foundation

/// The folder in which PoCL keeps compiled kernels and its compiler's intermediate files.
///
/// PoCL depends on it: if it cannot create the folder, it has no devices; if it cannot write there, no program builds, not
/// even a cached one; and if the disk is full, its compiler ends the process. PoCL reports none of this (as of version
/// 3.1), so the checks are made here.
struct PoCLCacheFolder {
    /// The environment variable that names the folder.
    static let variable = "POCL_CACHE_DIR"

    /// Bytes that compiling a program of one line takes, or just looking it up, rounded down: PoCL copies its own
    /// declarations along.
    static let minSpace = 1_000_000

    /// The folder's path; nil if the variable is set but empty, at which PoCL aborts.
    let path: String?

    /// Finds the folder as PoCL does: it is `POCL_CACHE_DIR`, or else pocl/kcache (pocl/uncached with
    /// `POCL_KERNEL_CACHE=0`) in `XDG_CACHE_HOME`, in ~/.cache or in /tmp.
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

    /// A problem at which PoCL would end the process.
    func fatalProblem() -> PoCLCacheProblem? {
        guard let path else { return .noName }
        var status = statvfs()
        // A folder that does not exist yet tells nothing about its disk.
        guard statvfs(path, &status) == 0 else { return nil }
        // Only root may use the blocks that are reserved for root.
        let blocks = geteuid() == 0 ? status.f_bfree : status.f_bavail
        let (free, overflows) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        // File systems without a disk, such as /proc, have no blocks at all.
        guard status.f_blocks > 0, !overflows, free < UInt64(Self.minSpace) else { return nil }
        return .full(path: path, free: Int(free))
    }

    /// The problem with the folder that made PoCL fail, if there is one: everything PoCL does starts with a file there.
    func problem() -> PoCLCacheProblem? {
        guard let path else { return .noName }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
            return .cannotBeWritten(path: path, reason: Self.reason(ENOTDIR))
        }
        if let reason = Self.make(path) { return .cannotBeMade(path: path, reason: reason) }
        return fatalProblem() ?? probe(path)
    }

    /// Writes a file in the folder and removes it. Permissions alone do not tell: root has them even where no file can be
    /// created.
    private func probe(_ path: String) -> PoCLCacheProblem? {
        let name = "\(path)/convnet-aig-\(UUID().uuidString)"
        let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return .cannotBeWritten(path: path, reason: Self.reason(errno)) }
        let isWritten = write(descriptor, name, 1) == 1
        let failure = errno
        close(descriptor)
        unlink(name)
        return isWritten ? nil : .cannotBeWritten(path: path, reason: Self.reason(failure))
    }

    /// Creates a folder that is private to the user, and missing folders above it.
    ///
    /// - Returns: nil, or the reason of a failure, as in "No space left on device".
    private static func make(_ path: String) -> String? {
        let ends = path.indices.filter { path[$0] == "/" && $0 > path.startIndex } + [path.endIndex]
        for part in ends.map({ String(path[..<$0]) }) where mkdir(part, 0o700) != 0 {
            let failure = errno
            var status = stat()
            guard stat(part, &status) == 0 else { return reason(failure) }
            guard status.st_mode & S_IFMT == S_IFDIR else { return reason(ENOTDIR) }
        }
        return nil
    }

    /// The system's message for an error number.
    private static func reason(_ errorNumber: Int32) -> String { String(cString: strerror(errorNumber)) }
}

/// A problem with the folder in which PoCL keeps compiled kernels; the description says what to do.
public enum PoCLCacheProblem: Error, Hashable, Sendable, CustomStringConvertible, LocalizedError {
    /// `POCL_CACHE_DIR` is set, but empty.
    case noName
    /// The folder cannot be created.
    case cannotBeMade(path: String, reason: String)
    /// Files cannot be created in the folder, or cannot be written.
    case cannotBeWritten(path: String, reason: String)
    /// The disk has so few free bytes that PoCL's compiler would end the process.
    case full(path: String, free: Int)

    /// A message that says what is wrong and what to do.
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
                + "and \(PoCLCacheFolder.minSpace / 1000) kB the least. Make room, or set the environment variable "
                + "\(PoCLCacheFolder.variable) to a folder on another disk."
        }
    }

    /// The same as ``description``.
    public var errorDescription: String? { description }
}

/// The threads of a driver that runs kernels on the CPU.
public enum DriverThreads {
    /// The variable that PoCL reads when it starts its threads.
    private static let variable = "POCL_AFFINITY"

    /// Makes PoCL bind each of its threads to a core, by setting `POCL_AFFINITY` unless the environment has it already.
    ///
    /// Otherwise the system may wake two sleeping threads on one core and spread them only later: work of a few
    /// milliseconds after a pause runs at half speed. A program calls this before anything else of OpenCL. This library
    /// does not, as the environment is its host's.
    ///
    /// - Returns: Whether the variable is set now. It is left alone if the process is confined to some of the cores, as PoCL
    ///   would bind threads to the other cores too.
    @discardableResult
    public static func bindToCores() -> Bool {
        guard ProcessInfo.processInfo.environment[variable] == nil else { return true }
        guard ProcessInfo.processInfo.activeProcessorCount == sysconf(Int32(_SC_NPROCESSORS_ONLN)) else {
            return false
        }
        return setenv(variable, "1", 0) == 0
    }
}
