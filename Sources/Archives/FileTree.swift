import FileSystem
import Foundation

/// The files below a folder or in an archive, which can be read in any order: all the same to who reads them.
///
/// An archive is tar, also compressed, or zip. Tar archives inside a tar archive, as ImageNet is published, and inside a
/// folder stand for folders. An uncompressed tar archive is read where it lies; others are unpacked once, see
/// ``UnpackedArchive``. Links are followed. What begins with a point is hidden.
package final class FileTree: Sendable {
    /// A file, not read yet.
    package struct File: Sendable, Hashable {
        /// Below the folder, or in the archive.
        package let path: String
        fileprivate let place: Place
    }

    fileprivate enum Place: Sendable, Hashable {
        case disk
        /// Which of the mapped archives, and where in it.
        case archive(Int, ArchiveIndex.Place)
    }

    /// The folder or the archive, as it was given.
    package let path: String
    /// Sorted by the bytes of their paths, so that the order is the same whatever the file system or the archive gives.
    package let files: [File]
    /// What was left out.
    package let problems: [(path: String, problem: FolderWalk.Problem)]
    /// Archives in the folder that are left out, because what was unpacked from them is beside them.
    package let unpacked: [String]
    private let archives: [MappedFile]

    /// - Parameters:
    ///   - path: a folder, or an archive.
    ///   - cache: where what is unpacked is kept; nil keeps nothing.
    ///   - progress: called while a compressed archive is unpacked.
    /// - Throws: ``ArchiveError``.
    package init(
        _ path: String,
        cache: String? = CacheFolder.path(environment: ProcessInfo.processInfo.environment),
        progress: (UnpackingProgress) -> Void = { _ in }
    ) throws(ArchiveError) {
        self.path = path
        var status = stat()
        guard !path.utf8.contains(0), path.withPathBytes({ stat($0, &status) }) == 0 else {
            throw .unreadable(path: path, problem: systemErrorText(path.utf8.contains(0) ? ENOENT : errno))
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            (files, problems, archives, unpacked) = try Self.folder(path)
        } else {
            let (index, file) = try Self.archive(path, cache, progress)
            files = index.files.map { File(path: $0.path, place: .archive(0, $0.place)) }
            problems = index.problems
            archives = [file]
            unpacked = []
        }
    }

    private static func folder(
        _ path: String
    ) throws(ArchiveError) -> ([File], [(path: String, problem: FolderWalk.Problem)], [MappedFile], [String]) {
        let walk: FolderWalk
        do {
            walk = try FolderWalk(path)
        } catch {
            throw ArchiveError(error)
        }
        // Folders that others are in.
        var parents: Set<Substring> = []
        for file in walk.files {
            var inner = Self.folder(of: file)
            while !inner.isEmpty {
                let outer = Self.folder(of: String(inner))
                if !parents.insert(outer).inserted { break }
                inner = outer
            }
        }
        var files: [File] = []
        var problems = walk.problems
        var archives: [MappedFile] = []
        var unpacked: [String] = []
        for file in walk.files {
            guard file.lowercased().hasSuffix(".tar") else {
                files.append(File(path: file, place: .disk))
                continue
            }
            let whole = path + "/" + file
            let stem = String(file.dropLast(4))
            // To be read twice, its pictures would count double.
            guard FileStatus(path + "/" + stem)?.isFolder != true else {
                unpacked.append(file)
                continue
            }
            let mapped = try mapped(whole)
            guard let index = try ArchiveIndex(mapped.bytes, path: whole) else {
                files.append(File(path: file, place: .disk))
                continue
            }
            // A class's archive holds its pictures. One with folders, beside folders, is a copy of these or another data set.
            let hasFolders = index.files.contains { $0.path.contains("/") }
            guard !hasFolders || !parents.contains(Self.folder(of: file)) else {
                unpacked.append(file)
                continue
            }
            files += index.files.map { File(path: stem + "/" + $0.path, place: .archive(archives.count, $0.place)) }
            problems += index.problems.map { (stem + "/" + $0.path, $0.problem) }
            archives.append(mapped)
        }
        if !archives.isEmpty { files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) } }
        return (files, problems, archives, unpacked)
    }

    /// The folder that a path is in; empty for one at the top.
    private static func folder(of path: String) -> Substring { path.lastIndex(of: "/").map { path[..<$0] } ?? "" }

    private static func archive(
        _ path: String, _ cache: String?, _ progress: (UnpackingProgress) -> Void
    ) throws(ArchiveError) -> (ArchiveIndex, MappedFile) {
        let file = try mapped(path)
        if let content = ArchiveError.Content(file.bytes) { throw .otherContent(path: path, content) }
        if let index = try ArchiveIndex(file.bytes, path: path) { return (index, file) }
        let unpacked = try UnpackedArchive.file(of: path, cache: cache, progress: progress)
        guard let index = try ArchiveIndex(unpacked.bytes, path: path) else {
            throw .malformed(path: path, problem: "what was unpacked from it is no archive; run 'aig cache clear'")
        }
        return (index, unpacked)
    }

    private static func mapped(_ path: String) throws(ArchiveError) -> MappedFile {
        do {
            return try MappedFile(path: path)
        } catch {
            throw ArchiveError(error)
        }
    }

    /// The path of a file on disk, or nil where it lies in an archive.
    package func diskPath(of file: File) -> String? {
        guard case .disk = file.place else { return nil }
        return path.hasSuffix("/") ? path + file.path : path + "/" + file.path
    }

    /// What messages call a file.
    package func name(of file: File) -> String { diskPath(of: file) ?? path + ":" + file.path }

    /// The bytes of a file, mapped and not read yet, or where they lie in the archive.
    /// - Throws: ``FileError`` if a file on disk cannot be read.
    package func contents(of file: File) throws(FileError) -> FileContents {
        switch file.place {
        case .disk:
            let mapped = try MappedFile(path: diskPath(of: file) ?? file.path)
            return FileContents(file: mapped, range: 0..<mapped.bytes.count)
        case .archive(let number, .range(let range)):
            return FileContents(file: archives[number], range: range)
        case .archive(let number, .sparse(let parts, let size)):
            var whole = [UInt8](repeating: 0, count: size)
            for part in parts {
                whole.replaceSubrange(
                    part.offset..<part.offset + part.range.count, with: archives[number].bytes[part.range])
            }
            return FileContents(file: MappedFile(copying: whole), range: 0..<size)
        }
    }

    /// Where a file's bytes lie in an archive, for as long as this is; nil for a file on disk, and for one with holes.
    ///
    /// For threads that read side by side: nothing is copied, and nothing that they share is counted.
    package func bytesInArchive(of file: File) -> UnsafeRawBufferPointer? {
        guard case .archive(let number, .range(let range)) = file.place else { return nil }
        return UnsafeRawBufferPointer(rebasing: archives[number].bytes[range])
    }

    /// The first bytes of a file, as many as it has.
    /// - Throws: ``FileError`` if a file on disk cannot be read.
    package func firstBytes(of file: File, count: Int) throws -> [UInt8] {
        guard let path = diskPath(of: file) else {
            return try contents(of: file).withBytes { [UInt8]($0.prefix(count)) }
        }
        // A file of its own is not mapped for a few bytes.
        let descriptor = openFile(path, O_RDONLY | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError.unreadable(path: path, problem: systemErrorText()) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let found = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, count) }
        guard found >= 0 else { throw FileError.unreadable(path: path, problem: systemErrorText()) }
        return Array(bytes.prefix(found))
    }
}

/// Bytes in mapped memory, which stay mapped as long as this is.
package struct FileContents: Sendable {
    /// What is mapped: the file itself, or the archive that it lies in.
    package let file: MappedFile
    package let range: Range<Int>

    package var count: Int { range.count }

    /// Calls `body` with the bytes, which are there during the call only.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(file) {} }
        return try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
    }
}
