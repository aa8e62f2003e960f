import Foundation

/// Folders for what can be made again, with the system's reasons where there can be none.
package enum CacheFolders {
    /// Makes a folder, and those around it as needed, for the user alone.
    ///
    /// - Returns: nil if it is there, or else why not, as in "No space left on device".
    package static func make(_ path: String) -> String? {
        let ends = path.indices.filter { path[$0] == "/" && $0 > path.startIndex } + [path.endIndex]
        for part in ends.map({ String(path[..<$0]) }) where mkdir(part, 0o700) != 0 {
            let failure = errno
            var status = stat()
            guard stat(part, &status) == 0 else { return reason(failure) }
            guard status.st_mode & S_IFMT == S_IFDIR else { return reason(ENOTDIR) }
        }
        return nil
    }

    /// An error's number in words.
    package static func reason(_ errorNumber: Int32) -> String { String(cString: strerror(errorNumber)) }
}
