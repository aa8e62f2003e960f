import Foundation

/// The picture files of a folder or a tar archive, not read yet.
struct PictureListing: Sendable {
    struct File: Sendable {
        /// Path inside the folder or the archive.
        let path: String
        /// The folders above the class folder, joined by slashes; empty if the class folder is at the top.
        let split: String
        /// The name of the folder that holds the file.
        let className: String
        /// Where its bytes lie in the archive.
        let range: Range<Int>?
    }

    let path: String
    /// Nil for a folder.
    let archive: TarArchive?
    /// Sorted by path, so that the order is the same whatever the file system or the archive gives.
    let files: [File]

    private static let endings: Set<String> = ["jpg", "jpeg", "png"]

    /// - Throws: ``DataSetError`` if there is nothing at the path, or if the archive is damaged.
    init(path: String) throws {
        self.path = path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw DataSetError.unreadable(path: path, reason: "there is no such file or folder")
        }
        let found: [(path: String, range: Range<Int>?)]
        if isFolder.boolValue {
            archive = nil
            let paths = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
            found = paths.map { ($0, nil) }
        } else {
            let tar = try TarArchive(path: path)
            archive = tar
            found = tar.entries.map { ($0.path, $0.range) }
        }
        files = found.compactMap { file in
            let parts = file.path.split(separator: "/")
            // What begins with a point is hidden: previews, checkpoints and the like, not pictures of the set.
            guard parts.count >= 2, let name = parts.last, !parts.contains(where: { $0.hasPrefix(".") }) else {
                return nil
            }
            let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
            guard Self.endings.contains(ending) else { return nil }
            return File(
                path: file.path, split: parts.dropLast(2).joined(separator: "/"),
                className: String(parts[parts.count - 2]), range: file.range)
        }.sorted { $0.path < $1.path }
    }

    /// Whether there is a picture in a class folder of the split.
    func hasPictures(in split: String) -> Bool {
        files.contains { $0.split == split }
    }
}
