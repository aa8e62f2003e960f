import ConvNetAIG
import Foundation

/// Labelled pictures: folders of classes that hold JPEG or PNG files, as a folder or straight from a tar archive.
public struct PictureSet: Sendable {
    /// A picture, not read yet.
    public struct Item: Sendable, Hashable {
        /// Path inside the set.
        public let path: String
        /// Index into ``PictureSet/classes``.
        public let label: Int
        fileprivate let range: Range<Int>?
    }

    public let path: String
    /// Names of the class folders, sorted: a class's index is its place here.
    public let classes: [String]
    /// Sorted by path, so that the order is the same whatever the file system or the archive gives.
    public let items: [Item]
    private let archive: TarArchive?

    private static let endings: Set<String> = ["jpg", "jpeg", "png"]

    /// - Parameters:
    ///   - path: a folder, or a tar archive.
    ///   - split: the folder in it that holds the class folders, such as `test`; empty if they are at the top.
    /// - Throws: ``DataSetError``, also if there is no picture.
    public init(path: String, split: String = "") throws {
        self.path = path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw DataSetError.unreadable(path: path, reason: "there is no such file or folder")
        }
        let found: [(path: String, range: Range<Int>?)]
        if isFolder.boolValue {
            archive = nil
            found = Self.files(in: path).map { ($0, nil) }
        } else {
            let tar = try TarArchive(path: path)
            archive = tar
            found = tar.entries.map { ($0.path, $0.range) }
        }
        let prefix = split.isEmpty ? [] : split.split(separator: "/").map(String.init)
        let pictures = found.compactMap { file -> (path: String, label: String, range: Range<Int>?)? in
            let parts = file.path.split(separator: "/").map(String.init)
            guard parts.count == prefix.count + 2, Array(parts.prefix(prefix.count)) == prefix else { return nil }
            let ending = parts[parts.count - 1].split(separator: ".").last.map { $0.lowercased() } ?? ""
            return Self.endings.contains(ending) ? (file.path, parts[prefix.count], file.range) : nil
        }.sorted { $0.path < $1.path }
        guard !pictures.isEmpty else { throw DataSetError.noPictures(path: path, split: split) }
        classes = Set(pictures.map(\.label)).sorted()
        let labels = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        items = pictures.map { Item(path: $0.path, label: labels[$0.label] ?? 0, range: $0.range) }
    }

    /// Reads and decodes a picture.
    /// - Throws: `ImageError`.
    public func image(_ item: Item) throws -> Image {
        guard let archive, let range = item.range else { return try Image(contentsOf: path + "/" + item.path) }
        return try Image(
            decoding: archive.contents(of: TarArchive.Entry(path: item.path, range: range)),
            name: path + ":" + item.path)
    }

    private static func files(in folder: String) -> [String] {
        FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    }
}
