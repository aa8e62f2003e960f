import CFTS
import Foundation

/// The files below a folder: links are followed, mounts entered, and loops noticed, by fts(3). What is hidden is passed over,
/// see ``SystemFolders``.
package struct FolderWalk: Sendable {
    /// What was met and is no file.
    package enum Problem: Sendable, Hashable {
        /// A link to a folder that it is in itself.
        case loop
        /// A link to nothing.
        case brokenLink
        /// A folder with nothing in it that is not hidden.
        case emptyFolder
        /// A pipe, a socket or a device.
        case special
        /// In the system's words.
        case unreadable(String)
    }

    /// Paths below the folder, sorted by their bytes.
    package let files: [String]
    /// What was left out, by its path below the folder.
    package let problems: [(path: String, problem: Problem)]

    /// - Throws: ``FileError`` if the folder itself cannot be read.
    package init(_ folder: String) throws(FileError) {
        guard !folder.utf8.contains(0), !folder.isEmpty else {
            throw .unreadable(path: folder, problem: systemErrorText(ENOENT))
        }
        var files: [String] = []
        var problems: [(path: String, problem: Problem)] = []
        var failure: Int32 = 0
        // Names of the folders on the way, so that paths are put together without looking at the root's own.
        var names: [[UInt8]] = []
        // Whether something was met in each of them.
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
            // At the end fts_read leaves errno at zero.
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
