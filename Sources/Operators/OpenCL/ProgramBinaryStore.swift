import FileSystem
import Foundation
import OpenCL

/// Compiled programs in a folder on disk, so that only the first process on a device has to compile them.
///
/// Nothing here fails: what cannot be read, is damaged or belongs to another key is not there, and what cannot be written
/// is not kept. Any number of processes may use a folder at once, as files take their places only when complete.
public struct ProgramBinaryStore: Sendable, Hashable {
    /// Made with the first file. Other files in it are left alone.
    public let folder: String
    /// Bytes that the files may take together: beyond, those go first that were not used for longest.
    public let limit: Int

    private static let suffix = ".clbinary"
    /// What files end with while they are written.
    private static let temporarySuffix = ".clbinary.tmp"
    /// In seconds: what has been written for that long is left from a process that ended meanwhile.
    private static let longestWriting = 600

    public init(folder: String, limit: Int = 256 << 20) {
        self.folder = folder
        self.limit = limit
    }

    /// As the environment has it: `AIG_CACHE` is a folder, or `off`; without it, the folder is convnet-aig in
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
        let descriptor = open(path(key), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        // A binary is code that this process runs: it has to be the user's own.
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
            Int(status.st_size) <= limit, let contents = Self.read(descriptor, count: Int(status.st_size)),
            let binary = ProgramBinaryFile.binary(in: contents, key: key)
        else { return nil }
        // Used just now, as `removeOldest` sees it.
        _ = futimens(descriptor, nil)
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

        init(_ path: String, errorNumber: Int32) { self.init(path, CacheFolders.reason(errorNumber)) }
    }

    /// Keeps a binary for a key, in place of an earlier one.
    func write(_ binary: [UInt8], for key: String) throws(WriteError) {
        let contents = ProgramBinaryFile.contents(binary, key: key)
        let path = path(key)
        guard !binary.isEmpty else { throw WriteError(path, "there is nothing to keep") }
        guard contents.count <= limit else {
            throw WriteError(path, "\(contents.count) bytes are more than the \(limit) of all files together")
        }
        if let reason = CacheFolders.make(folder) { throw WriteError(folder, reason) }
        let temporary = "\(folder)/\(UUID().uuidString)\(Self.temporarySuffix)"
        do throws(WriteError) {
            // Not synced to disk: what a power failure leaves incomplete is found out when it is read.
            try write(contents, to: temporary)
            guard temporary.withPathBytes({ from in path.withPathBytes { rename(from, $0) } }) == 0 else {
                throw WriteError(path, errorNumber: errno)
            }
        } catch {
            _ = temporary.withPathBytes { unlink($0) }
            throw error
        }
        removeOldest(except: path)
    }

    /// Where the binary of a key is kept.
    func path(_ key: String) -> String { "\(folder)/\(ProgramBinaryFile.name(of: key))\(Self.suffix)" }

    private static func read(_ descriptor: Int32, count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let more = Foundation.read(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
                if more < 0, errno == EINTR { continue }
                guard more > 0 else { break }
                filled += more
            }
        }
        return bytes.count == count ? bytes : nil
    }

    private func write(_ bytes: [UInt8], to path: String) throws(WriteError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw WriteError(folder, errorNumber: errno) }
        let failure = bytes.withUnsafeBytes { bytes -> Int32 in
            var written = 0
            while written < bytes.count {
                let more = Foundation.write(
                    descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                if more < 0, errno == EINTR { continue }
                guard more > 0 else { return more < 0 ? errno : EIO }
                written += more
            }
            return 0
        }
        // Some file systems tell only here that the disk is full.
        let closing = close(descriptor) == 0 ? 0 : errno
        guard failure == 0, closing == 0 else {
            throw WriteError(folder, errorNumber: failure == 0 ? closing : failure)
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
