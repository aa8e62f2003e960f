import CFTS
import Foundation

/// Creates a folder, and missing folders above it.
package func createFolders(_ path: String, mode: mode_t = 0o777) throws(FileError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
        made += part + "/"
        let code = made.withPathBytes { mkdir($0, mode) } == 0 ? 0 : errno
        // Folders on the way may exist without permission to create others beside them.
        guard code == 0 || FileStatus(made)?.isFolder == true else {
            throw .unwritable(path: path, problem: systemErrorText(code == EEXIST ? ENOTDIR : code))
        }
    }
}

/// The names of a folder's contents, in no order, without `.` and `..`.
package func folderContents(_ path: String) throws(FileError) -> [String] {
    guard !path.utf8.contains(0), let folder = path.withPathBytes({ opendir($0) }) else {
        throw .unreadable(path: path, problem: systemErrorText(path.utf8.contains(0) ? ENOENT : errno))
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(pathBytes: $0.prefix { $0 != 0 }) }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// The absolute path with all links followed; nil if nothing is there.
package func resolvedPath(_ path: String) -> String? {
    guard !path.utf8.contains(0), let resolved = path.withPathBytes({ realpath($0, nil) }) else { return nil }
    defer { free(resolved) }
    return String(pathBytes: UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
}

/// The path of the folder that contains a path; `.` for a name alone.
package func folder(of path: String) -> String {
    var bytes = path.utf8[...]
    while bytes.last == UInt8(ascii: "/"), bytes.count > 1 { bytes = bytes.dropLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == bytes.startIndex ? "/" : String(path[..<slash])
}

/// The folder in which this package caches what takes long to make.
package enum CacheFolder {
    /// The environment variable that is the folder's path, or `off`.
    package static let environmentVariable = "AIG_CACHE"

    /// The folder's path: `AIG_CACHE`, or else convnet-aig in `XDG_CACHE_HOME` or in ~/.cache.
    ///
    /// - Returns: nil if `AIG_CACHE` is `off`, or if there is no such folder.
    package static func path(environment: [String: String]) -> String? {
        // The XDG specification has relative paths ignored.
        func absolute(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if let choice = environment[environmentVariable], !choice.isEmpty { return choice == "off" ? nil : choice }
        if let caches = absolute("XDG_CACHE_HOME") { return caches + "/convnet-aig" }
        return absolute("HOME").map { $0 + "/.cache/convnet-aig" }
    }
}

/// The files below a folder, found by fts(3): links are followed, mounts entered, and loops detected. Hidden files are
/// skipped, see ``SystemFolders``.
package struct FolderWalk: Sendable {
    /// Something that is not a file.
    package enum Problem: Sendable, Hashable {
        /// A link to a folder that contains it.
        case loop
        /// A link whose target does not exist.
        case brokenLink
        /// A folder that contains only hidden files, or none.
        case emptyFolder
        /// A pipe, a socket or a device.
        case special
        /// A file or folder that cannot be read, with the system's message.
        case unreadable(String)
    }

    /// Paths below the folder, sorted by their bytes.
    package let files: [String]
    /// Everything that was left out, with its path below the folder.
    package let problems: [(path: String, problem: Problem)]

    /// - Throws: ``FileError`` if the folder itself cannot be read.
    package init(_ folder: String) throws(FileError) {
        guard !folder.utf8.contains(0), !folder.isEmpty else {
            throw .unreadable(path: folder, problem: systemErrorText(ENOENT))
        }
        var files: [String] = []
        var problems: [(path: String, problem: Problem)] = []
        var failure: Int32 = 0
        // The names of the folders on the way, from which paths below the root are put together.
        var names: [[UInt8]] = []
        // Whether each of them contains anything.
        var areUsed: [Bool] = []

        func visit(_ entry: UnsafeMutablePointer<FTSENT>, in walk: UnsafeMutablePointer<FTS>) {
            let level = Int(entry.pointee.fts_level)
            guard level >= 1 else {
                if [FTS_DNR, FTS_ERR, FTS_NS, FTS_SLNONE].contains(Int32(entry.pointee.fts_info)) {
                    failure = entry.pointee.fts_errno == 0 ? ENOENT : entry.pointee.fts_errno
                }
                return
            }
            let name = Self.name(of: entry)
            guard !SystemFolders.isHidden(String(pathBytes: name)) else {
                fts_set(walk, entry, FTS_SKIP)
                return
            }
            let isUnused = Int32(entry.pointee.fts_info) == FTS_DP && names.count == level && areUsed.last == false
            let left = max(names.count - (level - 1), 0)
            names.removeLast(left)
            areUsed.removeLast(left)
            if !areUsed.isEmpty { areUsed[areUsed.count - 1] = true }
            func path() -> String { String(pathBytes: Array((names + [name]).joined(separator: [UInt8(ascii: "/")]))) }
            switch Int32(entry.pointee.fts_info) {
            case FTS_D:
                names.append(name)
                areUsed.append(false)
            case FTS_DP:
                if isUnused { problems.append((path(), .emptyFolder)) }
            case FTS_F: files.append(path())
            case FTS_DC: problems.append((path(), .loop))
            case FTS_SLNONE: problems.append((path(), .brokenLink))
            case FTS_DNR, FTS_ERR, FTS_NS:
                problems.append((path(), .unreadable(systemErrorText(entry.pointee.fts_errno))))
            default: problems.append((path(), .special))
            }
        }

        folder.withPathBytes { root in
            var roots: [UnsafeMutablePointer<CChar>?] = [UnsafeMutablePointer(mutating: root), nil]
            guard let walk = fts_open(&roots, FTS_LOGICAL | FTS_NOCHDIR, nil) else {
                failure = errno
                return
            }
            defer { fts_close(walk) }
            errno = 0
            while let entry = fts_read(walk) {
                visit(entry, in: walk)
                errno = 0
            }
            // At the end, fts_read leaves errno at zero.
            if errno != 0 { failure = errno }
        }
        guard failure == 0 else { throw .unreadable(path: folder, problem: systemErrorText(failure)) }
        self.files = files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        self.problems = problems.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private static func name(of entry: UnsafeMutablePointer<FTSENT>) -> [UInt8] {
        // The name lies behind the structure, longer than the array of one that it is declared as.
        guard let offset = MemoryLayout<FTSENT>.offset(of: \.fts_name) else { return [] }
        let start = UnsafeRawPointer(entry) + offset
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(entry.pointee.fts_namelen)))
    }
}

/// Files that operating systems leave in folders for their own use.
package enum SystemFolders {
    /// Folders of macOS, Synology, QNAP and Windows: they have thumbnails, resource forks and deleted files, which are
    /// images too.
    private static let names: Set<String> = [
        "__MACOSX", "@eaDir", "@Recycle", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found",
    ]

    /// Whether a file or folder of this name is skipped, with everything below it: names that begin with a dot (previews,
    /// checkpoints and the like), and those of operating systems.
    package static func isHidden(_ name: String) -> Bool { name.hasPrefix(".") || names.contains(name) }
}
