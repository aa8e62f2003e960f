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
