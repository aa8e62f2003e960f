import Foundation

/// What is at a path, links followed.
package struct FileStatus {
    private let status: stat

    /// - Returns: nil if there is nothing, or if it may not be looked at.
    package init?(_ path: String) {
        var status = stat()
        guard !path.utf8.contains(0), path.withPathBytes({ stat($0, &status) }) == 0 else { return nil }
        self.status = status
    }

    /// Whether two paths lead to the same file.
    package func isSame(as other: FileStatus) -> Bool {
        status.st_dev == other.status.st_dev && status.st_ino == other.status.st_ino
    }

    package var isFolder: Bool { status.st_mode & S_IFMT == S_IFDIR }
    package var isFile: Bool { status.st_mode & S_IFMT == S_IFREG }
    /// In bytes.
    package var size: Int { Int(status.st_size) }
}

/// Makes a folder, and those above it that are not there.
/// - Throws: ``FileError`` in the system's words.
package func createFolders(_ path: String, mode: mode_t = 0o777) throws(FileError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
        made += part + "/"
        let code = made.withPathBytes { mkdir($0, mode) } == 0 ? 0 : errno
        // Folders on the way may be there without a right to make others beside them.
        guard code == 0 || FileStatus(made)?.isFolder == true else {
            throw .unwritable(path: path, problem: systemErrorText(code == EEXIST ? ENOTDIR : code))
        }
    }
}

/// What is in a folder, by name, but for the folder itself and the one above it. In no order.
/// - Throws: ``FileError`` in the system's words.
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

/// A path with its links followed, absolute.
/// - Returns: nil if there is nothing.
package func resolvedPath(_ path: String) -> String? {
    guard !path.utf8.contains(0), let resolved = path.withPathBytes({ realpath($0, nil) }) else { return nil }
    defer { free(resolved) }
    return String(pathBytes: UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
}

/// The path of the folder that something is in, `.` for a name alone.
package func folder(of path: String) -> String {
    var bytes = path.utf8[...]
    while bytes.last == UInt8(ascii: "/"), bytes.count > 1 { bytes = bytes.dropLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == bytes.startIndex ? "/" : String(path[..<slash])
}
