import FileSystem
import Foundation

/// How far unpacking an archive is.
public struct UnpackingProgress: Sendable, Hashable {
    public let archive: String
    /// Bytes of the archive that have been read, of as many as it has.
    public let bytesRead: Int
    public let byteCount: Int
}

/// A compressed archive's contents as an uncompressed tar archive, which can be read from anywhere in it.
///
/// It is made once, and kept in a folder beside the cache of compiled programs by the archive's path, size and time of
/// change. Without a cache folder it is a temporary file without a name, which the system removes when nothing uses it any
/// more, however the process ends.
package enum UnpackedArchive {
    /// In the cache folder.
    package static let folderName = "archives"
    private static let suffix = ".tar"
    private static let temporarySuffix = ".tar.tmp"

    /// - Parameters:
    ///   - path: a tar archive compressed by gzip, bzip2, xz, zstd and others, or a zip archive.
    ///   - cache: the folder of what is kept; nil keeps nothing.
    ///   - folder: where a file without a name is made.
    /// - Throws: ``ArchiveError``; what was begun is then removed.
    static func file(
        of path: String, cache: String?, temporary folder: String = FileManager.default.temporaryDirectory.path,
        progress: (UnpackingProgress) -> Void
    ) throws(ArchiveError) -> MappedFile {
        var status = stat()
        guard path.withPathBytes({ stat($0, &status) }) == 0 else {
            throw .unreadable(path: path, problem: systemErrorText())
        }
        guard let cache else { return try temporary(path, status, in: folder, progress) }
        let archives = cache + "/" + folderName
        let kept = archives + "/" + key(path, status) + suffix
        if let file = try? MappedFile(path: kept) { return file }
        // Only what is an archive is worth a folder.
        _ = try ArchiveReader(compressed: path).next()
        do {
            try createFolders(archives, mode: 0o700)
        } catch {
            // A cache that cannot be is none.
            return try temporary(path, status, in: folder, progress)
        }
        let unfinished = archives + "/." + String(UInt64.random(in: .min ... .max), radix: 36) + temporarySuffix
        let descriptor = openFile(unfinished, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { return try temporary(path, status, in: folder, progress) }
        defer { close(descriptor) }
        do {
            try unpack(path, status, into: descriptor, archives, progress)
        } catch {
            _ = unfinished.withPathBytes { unlink($0) }
            throw error
        }
        guard unfinished.withPathBytes({ from in kept.withPathBytes { rename(from, $0) } }) == 0 else {
            let problem = systemErrorText()
            _ = unfinished.withPathBytes { unlink($0) }
            throw .notUnpacked(path: path, folder: archives, problem: problem)
        }
        return try mapped(kept, for: path)
    }

    private static func temporary(
        _ path: String, _ status: stat, in folder: String, _ progress: (UnpackingProgress) -> Void
    ) throws(ArchiveError) -> MappedFile {
        let name = folder + "/convnet-aig-" + String(UInt64.random(in: .min ... .max), radix: 36) + suffix
        let descriptor = openFile(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw .notUnpacked(path: path, folder: folder, problem: systemErrorText()) }
        defer {
            close(descriptor)
            // What is mapped stays until it is not.
            _ = name.withPathBytes { unlink($0) }
        }
        try unpack(path, status, into: descriptor, folder, progress)
        return try mapped(name, for: path)
    }

    private static func mapped(_ file: String, for path: String) throws(ArchiveError) -> MappedFile {
        do {
            return try MappedFile(path: file)
        } catch {
            throw ArchiveError(error)
        }
    }

    private static func unpack(
        _ path: String, _ status: stat, into descriptor: Int32, _ folder: String,
        _ progress: (UnpackingProgress) -> Void
    ) throws(ArchiveError) {
        let size = Int(status.st_size)
        // Pictures do not compress: what is unpacked takes at least about what is packed.
        if let available = room(descriptor), available < size {
            throw .noRoom(path: path, folder: folder, needed: size, available: available)
        }
        let reader = try ArchiveReader(compressed: path)
        let copy = try ArchiveReader.Copy(to: descriptor, folder)
        while let entry = try reader.next() {
            try copy.add(entry, from: reader)
            progress(UnpackingProgress(archive: path, bytesRead: reader.bytesRead, byteCount: size))
        }
        try copy.finish()
    }

    /// Bytes that an unprivileged user may still write where the file is; nil where the system does not say.
    private static func room(_ descriptor: Int32) -> Int? {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else { return nil }
        let (bytes, overflows) = Int(clamping: status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
        return overflows ? nil : bytes
    }

    /// A file's name that no other archive has, nor this one once it is changed: its own, and FNV-1a over where it is, its
    /// size and when it was changed.
    private static func key(_ path: String, _ status: stat) -> String {
        var whole = path.pathBytes
        if let resolved = path.withPathBytes({ realpath($0, nil) }) {
            whole = Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
            free(resolved)
        }
        let fields = [status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        let bytes = whole + fields.flatMap { field in withUnsafeBytes(of: Int64(field).littleEndian) { Array($0) } }
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let name =
            path.split(separator: "/").last.map { $0.prefix(40).map { $0.isLetter || $0.isNumber ? $0 : "-" } } ?? []
        return String(name) + "-" + String(hash, radix: 16)
    }

    // MARK: Clearing

    /// What is kept in a cache folder: files and their bytes.
    package static func kept(in cache: String) -> [(path: String, byteCount: Int)] {
        let folder = cache + "/" + folderName
        let names = (try? folderContents(folder)) ?? []
        return names.filter { $0.hasSuffix(suffix) || $0.hasSuffix(temporarySuffix) }.sorted().map { name in
            (folder + "/" + name, FileStatus(folder + "/" + name)?.size ?? 0)
        }
    }
}
