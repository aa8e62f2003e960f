import FileSystem
import Foundation
import OpenCL

/// Compiled programs in a folder on disk, so that only the first process on a device has to compile them.
///
/// Nothing here fails: what cannot be read, is damaged or belongs to another key is not there, and what cannot be written
/// is not kept. Any number of processes may use a folder at once, as files take their places only when complete.
public struct ProgramBinaryStore: Sendable, Hashable {
    /// The folder, made with the first file. Other files in it are left alone.
    public let folder: String
    /// Bytes that the files may take together; beyond, those that were not used for longest are deleted first.
    public let limit: Int

    private static let suffix = ".clbinary"
    /// What files end with while they are written.
    private static let temporarySuffix = ".clbinary.tmp"
    /// In seconds: what has been written for that long is left from a process that ended meanwhile.
    private static let longestWriting = 600

    /// A store in this folder.
    public init(folder: String, limit: Int = 256 << 20) {
        self.folder = folder
        self.limit = limit
    }

    /// The store that the environment names: `AIG_CACHE` is a folder, or `off`; without it, the folder is convnet-aig in
    /// `XDG_CACHE_HOME`, or else in ~/.cache.
    ///
    /// - Returns: nil if nothing is to be kept or there is no such folder.
    public init?(environment: [String: String]) {
        guard let folder = CacheFolder.path(environment: environment) else { return nil }
        self.init(folder: folder)
    }

    /// What is kept in a folder: files and their bytes, those that were never finished among them.
    package static func kept(in folder: String) -> [(path: String, byteCount: Int)] {
        let names = (try? folderContents(folder)) ?? []
        return names.filter { $0.hasSuffix(suffix) || $0.hasSuffix(temporarySuffix) }.sorted().map { name in
            (folder + "/" + name, FileStatus(folder + "/" + name)?.size ?? 0)
        }
    }

    // MARK: Files

    /// The binary that was stored last for a key, where it is there unharmed.
    func binary(for key: String) -> [UInt8]? {
        // Without O_NONBLOCK, opening a named pipe waits for a writer that may never come.
        guard let file = try? FileDescriptor.open(path: path(key), .readOnly, options: .nonBlocking) else { return nil }
        defer { try? file.close() }
        // A binary is code that this process runs: it has to be the user's own.
        guard let status = try? file.status(), status.type == .regular, status.userID.rawValue == geteuid(),
            status.size <= limit, let contents = try? file.readToEnd(limit: Int(status.size)),
            let binary = ProgramBinaryFile.binary(in: contents, key: key)
        else { return nil }
        // Used just now, as `removeOldest` sees it.
        _ = futimens(file.rawValue, nil)
        return binary
    }

    /// Keeps a binary for a key, in place of an earlier one, if that can be done.
    func store(_ binary: [UInt8], for key: String) {
        // Without, programs are compiled the next time as they were this time.
        try? write(binary, for: key)
    }

    /// What could not be written, and why.
    struct WriteError: Error, Hashable {
        let path: String
        let reason: String

        init(_ path: String, _ reason: String) {
            self.path = path
            self.reason = reason
        }

        init(_ path: String, _ error: Errno) { self.init(path, error.description) }
    }

    /// Keeps a binary for a key, in place of an earlier one.
    func write(_ binary: [UInt8], for key: String) throws(WriteError) {
        let contents = ProgramBinaryFile.contents(binary, key: key)
        let path = path(key)
        guard !binary.isEmpty else { throw WriteError(path, "there is nothing to keep") }
        guard contents.count <= limit else {
            throw WriteError(path, "\(contents.count) bytes are more than the \(limit) of all files together")
        }
        do {
            try createFolders(folder, mode: 0o700)
        } catch {
            // As the descriptions of Errno begin.
            throw WriteError(folder, error.problem.prefix(1).uppercased() + error.problem.dropFirst())
        }
        let temporary = "\(folder)/\(UUID().uuidString)\(Self.temporarySuffix)"
        do throws(WriteError) {
            // Not synced to disk: what a power failure leaves incomplete is found out when it is read.
            try write(contents, to: temporary)
            guard temporary.withPathBytes({ from in path.withPathBytes { rename(from, $0) } }) == 0 else {
                throw WriteError(path, Errno(rawValue: errno))
            }
        } catch {
            _ = temporary.withPathBytes { unlink($0) }
            throw error
        }
        removeOldest(except: path)
    }

    /// Where the binary of a key is kept.
    func path(_ key: String) -> String { "\(folder)/\(ProgramBinaryFile.name(of: key))\(Self.suffix)" }

    private func write(_ bytes: [UInt8], to path: String) throws(WriteError) {
        do {
            let file = try FileDescriptor.open(
                path: path, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
            // Closing also tells of a full disk, on some file systems only that.
            _ = try Errno.typed { try file.closeAfter { try file.writeAll(bytes) } }
        } catch {
            throw WriteError(folder, error)
        }
    }

    // MARK: Keeping to the limit

    private func removeOldest(except newest: String) {
        guard let names = try? folderContents(folder) else { return }
        let now = time(nil)
        var files: [(path: String, size: Int, used: timespec)] = []
        for name in names where name.hasSuffix(Self.suffix) || name.hasSuffix(Self.temporarySuffix) {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard path.withPathBytes({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            if !name.hasSuffix(Self.temporarySuffix) {
                files.append((path, Int(status.st_size), status.st_mtim))
            } else if now - status.st_mtim.tv_sec > Self.longestWriting {
                _ = path.withPathBytes { unlink($0) }
            }
        }
        var total = files.map(\.size).reduce(0, +)
        for file in files.sorted(by: { ($0.used.tv_sec, $0.used.tv_nsec) < ($1.used.tv_sec, $1.used.tv_nsec) }) {
            guard total > limit else { break }
            guard file.path != newest else { continue }
            _ = file.path.withPathBytes { unlink($0) }
            total -= file.size
        }
    }
}

// MARK: Programs

extension ProgramBinaryStore {
    /// The store that the environment of this process asks for; nil where it asks for none, and on PoCL.
    ///
    /// PoCL keeps compiled kernels on disk by itself. A network starts as fast from these alone as from both, but its
    /// first start would take more than twice as long: to give a program's binary, PoCL compiles every kernel once more,
    /// for groups of any size. What runs is compiled for groups of one size, which the binary lacks: it saves little.
    public static func standard(
        for device: Device, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> ProgramBinaryStore? {
        guard !device.isPoCL else { return nil }
        return ProgramBinaryStore(environment: environment)
    }

    /// A program from its stored binary, or else from source and stored.
    /// - Throws: `OpenCLError`, with the build log, where the source does not build.
    func program(context: Context, source: String, options: [String]) throws -> Program {
        let key = Self.key(context.device, source: source, options: options)
        if let program = stored(key, context: context, options: options) { return program }
        let program = try Program(context: context, source: source, options: options)
        if let binary = try? program.binary() { store(binary, for: key) }
        return program
    }

    private func stored(_ key: String, context: Context, options: [String]) -> Program? {
        guard let binary = binary(for: key),
            let program = try? Program(context: context, binary: binary, options: options),
            let names = try? program.kernelNames(), !names.isEmpty
        else { return nil }
        return program
    }

    /// What a binary depends on, as far as drivers tell.
    static func key(
        _ device: Device, source: String, options: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String {
        let platform = try? Platform.all().first { $0.handle == device.platformHandle }
        // Intel's CPU runtime takes settings of its compiler from these.
        let settings = environment.filter { $0.key.hasPrefix("CL_CONFIG_") }.map { "\($0.key)=\($0.value)" }
        let lines = [
            device.platformName, platform?.version ?? "", device.name, device.vendor, device.version,
            device.driverVersion, device.extensions.sorted().joined(separator: " "),
            device.type == .cpu ? processorFeatures : "", settings.sorted().joined(separator: " "),
            options.joined(separator: " "),
        ]
        return lines.joined(separator: "\n") + "\n" + source
    }

    /// The instruction sets of the computer's processor: where home folders are shared, or virtual machines move,
    /// processors of one name differ in them, and what is compiled for more than there is ends the process.
    private static let processorFeatures: String = {
        guard let file = FileHandle(forReadingAtPath: "/proc/cpuinfo"),
            let start = try? file.read(upToCount: 1 << 14)
        else { return "" }
        let lines = String(decoding: start, as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }.map(String.init) ?? ""
    }()
}
