import FileSystem
import Foundation

/// Progress of unpacking an archive.
public struct UnpackingProgress: Sendable, Hashable {
    /// The archive's path.
    public let archive: String
    /// Number of bytes of the archive read so far.
    public let bytesRead: Int
    /// Size of the archive in bytes.
    public let byteCount: Int
}

/// The contents of a compressed archive as an uncompressed tar archive, which allows random access.
///
/// It is kept in the cache folder under a name made from the archive's path, size and time of change. Without a cache folder
/// it is a temporary file without a name, which the system removes when it is no longer used, however the process ends.
package enum UnpackedArchive {
    /// The name of its folder in the cache folder.
    package static let folderName = "archives"
    private static let suffix = ".tar"
    private static let temporarySuffix = ".tar.tmp"

    /// The unpacked archive, from the cache or unpacked now.
    ///
    /// - Parameters:
    ///   - path: A tar archive compressed by gzip, bzip2, xz, zstd and others, or a zip archive.
    ///   - cache: The cache folder; nil for none.
    ///   - folder: The folder of temporary files.
    /// - Throws: ``ArchiveError``; unfinished files are removed.
    static func file(
        of path: String, cache: String?, temporary folder: String = FileManager.default.temporaryDirectory.path,
        progress: (UnpackingProgress) -> Void
    ) throws(ArchiveError) -> MappedFile {
        let status = try ArchiveError.converting(FileStatus(of: path))
        guard let cache else { return try temporary(path, status, in: folder, progress) }
        let archives = cache + "/" + folderName
        let kept = archives + "/" + key(path, status) + suffix
        if let file = try? MappedFile(path: kept) { return file }
        // Fails before the folder is created if this is not an archive.
        _ = try ArchiveReader(compressed: path).next()
        do {
            try createFolders(archives, mode: 0o700)
        } catch {
            // If there can be no cache, a temporary file does.
            return try temporary(path, status, in: folder, progress)
        }
        let unfinished = archives + "/." + String(UInt64.random(in: .min ... .max), radix: 36) + temporarySuffix
        guard let descriptor = try? created(unfinished) else {
            return try temporary(path, status, in: folder, progress)
        }
        defer { try? descriptor.close() }
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
        return try ArchiveError.converting(MappedFile(path: kept))
    }

    private static func temporary(
        _ path: String, _ status: FileStatus, in folder: String, _ progress: (UnpackingProgress) -> Void
    ) throws(ArchiveError) -> MappedFile {
        let name = folder + "/convnet-aig-" + String(UInt64.random(in: .min ... .max), radix: 36) + suffix
        let descriptor: FileDescriptor
        do {
            descriptor = try created(name)
        } catch {
            throw .notUnpacked(path: path, folder: folder, problem: error.text)
        }
        defer {
            try? descriptor.close()
            // The file exists until it is no longer mapped.
            _ = name.withPathBytes { unlink($0) }
        }
        try unpack(path, status, into: descriptor, folder, progress)
        return try ArchiveError.converting(MappedFile(path: name))
    }

    /// A new file that only the user can read.
    private static func created(_ path: String) throws(Errno) -> FileDescriptor {
        try .open(path: path, .readWrite, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
    }

    private static func unpack(
        _ path: String, _ status: FileStatus, into descriptor: FileDescriptor, _ folder: String,
        _ progress: (UnpackingProgress) -> Void
    ) throws(ArchiveError) {
        let size = status.size
        // Images hardly compress, so the unpacked archive takes at least about as much space.
        if let available = room(descriptor), available < size {
            throw .noRoom(path: path, folder: folder, needed: size, available: available)
        }
        let reader = try ArchiveReader(compressed: path)
        let copy = try ArchiveReader.Copy(to: descriptor.rawValue, folder)
        while let entry = try reader.next() {
            try copy.add(entry, from: reader)
            progress(UnpackingProgress(archive: path, bytesRead: reader.bytesRead, byteCount: size))
        }
        try copy.finish()
    }

    /// Number of bytes that an unprivileged user can still write to the file's disk; nil if unknown.
    private static func room(_ descriptor: FileDescriptor) -> Int? {
        var status = statvfs()
        guard fstatvfs(descriptor.rawValue, &status) == 0 else { return nil }
        let (bytes, overflows) = Int(clamping: status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
        return overflows ? nil : bytes
    }

    /// A file name that no other archive has, nor this one after a change: its own name, and a checksum of its path, its
    /// size and the time of its last change.
    private static func key(_ path: String, _ status: FileStatus) -> String {
        var checksum = Checksum()
        checksum.add(resolvedPath(path) ?? path)
        for field in [status.size, status.modificationTime.tv_sec, status.modificationTime.tv_nsec] {
            checksum.add(UInt64(bitPattern: Int64(field)))
        }
        let name =
            path.split(separator: "/").last.map { $0.prefix(40).map { $0.isLetter || $0.isNumber ? $0 : "-" } } ?? []
        return String(name) + "-" + checksum.value.hexadecimal
    }

    // MARK: Clearing

    /// The unpacked archives in a cache folder, and their sizes in bytes.
    package static func kept(in cache: String) -> [(path: String, byteCount: Int)] {
        let folder = cache + "/" + folderName
        let names = (try? folderContents(folder)) ?? []
        return names.filter { $0.hasSuffix(suffix) || $0.hasSuffix(temporarySuffix) }.sorted().map { name in
            (folder + "/" + name, FileStatus(folder + "/" + name)?.size ?? 0)
        }
    }
}
