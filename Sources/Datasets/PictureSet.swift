import Images
import Foundation

/// Labelled pictures: folders of classes that hold JPEG or PNG files, as a folder or straight from a tar archive.
public struct PictureSet: LabelledPictures {
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

    /// - Parameters:
    ///   - path: a folder, or a tar archive.
    ///   - split: the folder in it that holds the class folders, such as `test`; empty if they are at the top.
    /// - Throws: ``DataSetError``, also if there is no picture.
    public init(path: String, split: String = "") throws {
        try self.init(PictureListing(path: path), split: split)
    }

    /// - Parameter known: the classes to number by, where they are another split's; nil takes those that are there.
    /// - Throws: ``DataSetError`` if there is no picture, or one of another class.
    init(_ listing: PictureListing, split: String, classes known: [String]? = nil) throws {
        path = listing.path
        archive = listing.archive
        let split = split.split(separator: "/").joined(separator: "/")
        let files = listing.files.filter { $0.split == split }
        guard !files.isEmpty else { throw DataSetError.noPictures(path: path, split: split) }
        let found = Set(files.map(\.className)).sorted()
        let classes = known ?? found
        let labels = Dictionary(zip(classes, classes.indices)) { first, _ in first }
        if let name = found.first(where: { labels[$0] == nil }) {
            throw DataSetError.classNotTrained(path: path, split: split, name: name, classes: classes)
        }
        self.classes = classes
        items = files.map { Item(path: $0.path, label: labels[$0.className] ?? 0, range: $0.range) }
    }

    public var count: Int { items.count }

    public func label(_ index: Int) -> Int { items[index].label }

    /// The picture's path inside the set.
    public func name(_ index: Int) -> String { items[index].path }

    /// - Throws: `ImageError`.
    public func image(_ index: Int) throws -> Image { try image(items[index]) }

    /// Reads and decodes a picture.
    /// - Throws: `ImageError`.
    public func image(_ item: Item) throws -> Image {
        guard let archive, let range = item.range else { return try Image(contentsOf: path + "/" + item.path) }
        return try Image(
            decoding: archive.contents(of: TarArchive.Entry(path: item.path, range: range)),
            name: path + ":" + item.path)
    }
}
