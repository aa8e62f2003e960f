import FileSystem
import Foundation

/// The files below a folder or in an archive, which can be read in any order.
///
/// An archive is a tar archive, possibly compressed, or a zip archive. Tar archives inside a folder or a tar archive, as in
/// ImageNet's, count as folders. An uncompressed tar archive is read in place; others are unpacked once, see
/// ``UnpackedArchive``. Links are followed. Hidden files are skipped, see ``SystemFolders``.
package final class FileTree: Sendable {
    /// A file that has not been read yet.
    package struct File: Sendable, Hashable {
        /// The path below the folder or in the archive.
        package let path: String
        fileprivate let place: Place
    }

    fileprivate enum Place: Sendable, Hashable {
        case disk
        /// The index of the mapped archive, and the location in it.
        case archive(Int, ArchiveIndex.Place)
    }

    /// The path of the folder or the archive, as given.
    package let path: String
    /// The files, sorted by the bytes of their paths, so that the order depends on neither file system nor archive.
    package let files: [File]
    /// Everything that was left out.
    package let problems: [(path: String, problem: FolderWalk.Problem)]
    /// Archives in the folder that were left out because their unpacked contents are beside them.
    package let unpacked: [String]
    private let archives: [MappedFile]

    /// Lists a folder or an archive, and unpacks it if need be.
    ///
    /// - Parameters:
    ///   - path: A folder or an archive.
    ///   - cache: The folder that keeps unpacked archives; nil for none.
    ///   - progress: Called while a compressed archive is unpacked.
    package init(
        _ path: String,
        cache: String? = CacheFolder.path(environment: ProcessInfo.processInfo.environment),
        progress: (UnpackingProgress) -> Void = { _ in }
    ) throws(ArchiveError) {
        self.path = path
        if try ArchiveError.converting(FileStatus(of: path)).isFolder {
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
        let walk = try ArchiveError.converting(FolderWalk(path))
        // Folders that contain folders.
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
            // Otherwise its images would count twice.
            guard FileStatus(path + "/" + stem)?.isFolder != true else {
                unpacked.append(file)
                continue
            }
            let mapped = try ArchiveError.converting(MappedFile(path: whole))
            guard let index = try ArchiveIndex(mapped.bytes, path: whole) else {
                files.append(File(path: file, place: .disk))
                continue
            }
            // The archive of a class holds its images. An archive of folders beside folders is a copy of them or another dataset.
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

    /// The folder that contains a path; empty at the top.
    private static func folder(of path: String) -> Substring { path.lastIndex(of: "/").map { path[..<$0] } ?? "" }

    private static func archive(
        _ path: String, _ cache: String?, _ progress: (UnpackingProgress) -> Void
    ) throws(ArchiveError) -> (ArchiveIndex, MappedFile) {
        let file = try ArchiveError.converting(MappedFile(path: path))
        if let content = ArchiveError.Content(file.bytes) { throw .otherContent(path: path, content) }
        if let index = try ArchiveIndex(file.bytes, path: path) { return (index, file) }
        let unpacked = try UnpackedArchive.file(of: path, cache: cache, progress: progress)
        guard let index = try ArchiveIndex(unpacked.bytes, path: path) else {
            throw .malformed(path: path, problem: "what was unpacked from it is no archive; run 'aig cache clear'")
        }
        return (index, unpacked)
    }

    /// The path of a file on disk; nil for a file in an archive.
    package func diskPath(of file: File) -> String? {
        guard case .disk = file.place else { return nil }
        return path.hasSuffix("/") ? path + file.path : path + "/" + file.path
    }

    /// The name of a file in messages.
    package func name(of file: File) -> String { diskPath(of: file) ?? path + ":" + file.path }

    /// The contents of a file, mapped into memory.
    ///
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

    /// The bytes of a file in an archive, valid as long as this object; nil for files on disk and sparse files.
    ///
    /// Suits concurrent readers: nothing is copied, and no shared reference count changes.
    package func bytesInArchive(of file: File) -> UnsafeRawBufferPointer? {
        guard case .archive(let number, .range(let range)) = file.place else { return nil }
        return UnsafeRawBufferPointer(rebasing: archives[number].bytes[range])
    }

    /// The first bytes of a file, or all if there are fewer.
    package func firstBytes(of file: File, count: Int) throws(FileError) -> [UInt8] {
        guard let path = diskPath(of: file) else {
            return try contents(of: file).withBytes { [UInt8]($0.prefix(count)) }
        }
        // Mapping a file does not pay for a few bytes.
        do throws(Errno) {
            let descriptor = try FileDescriptor.open(path: path, .readOnly, options: .nonBlocking)
            defer { try? descriptor.close() }
            return try [UInt8](unsafeUninitializedCapacity: count) { buffer, found throws(Errno) in
                found = try descriptor.readAll(into: UnsafeMutableRawBufferPointer(buffer))
            }
        } catch {
            throw .unreadable(path: path, problem: error.text)
        }
    }
}

/// A range of mapped memory, which stays mapped as long as this value exists.
package struct FileContents: Sendable {
    /// The mapped file: the file itself, or the archive that contains it.
    package let file: MappedFile
    package let range: Range<Int>

    package var count: Int { range.count }

    /// Calls `body` with the bytes, which are valid only during the call.
    package func withBytes<Result, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> Result
    ) throws(E) -> Result {
        defer { withExtendedLifetime(file) {} }
        return try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
    }
}
