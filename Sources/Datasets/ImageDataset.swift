import Archives
import Images

/// Labelled images in a folder or an archive, which are JPEG, PNG or WebP files.
public struct ImageDataset: Dataset {
    /// An image, not read yet.
    public struct Item: Sendable, Hashable {
        /// Path inside the set.
        public var path: String { file.path }
        /// Index into ``ImageDataset/classes``.
        public let label: Int
        fileprivate let file: FileTree.File
    }

    public let path: String
    /// Names of the classes: their folders', in order (of numbers, if all are), or those of a file of labels.
    public let classes: [String]
    /// Sorted by path, so that the order is the same whatever the file system or the archive gives.
    public let items: [Item]
    private let tree: FileTree
    /// How files are read, and what was wrong with those that could be.
    public let reading: ImageReading

    /// - Parameters:
    ///   - path: a folder, or an archive.
    ///   - split: the folder in it that holds the class folders, such as `test`; empty if they are at the top.
    ///   - reading: how files are read.
    /// - Throws: ``DatasetError``, also if there is no image.
    public init(path: String, split: String = "", reading: ImageReading = ImageReading()) throws {
        let layout = DatasetLayout(try ImageFiles(path: path))
        guard let found = layout.splits.first(where: { $0.name == split }) else {
            throw DatasetError.noImages(path: path, split: split)
        }
        try self.init(found, of: layout, reading: reading)
    }

    /// - Parameter first: classes to number before those that only this split has.
    init(
        _ split: DatasetLayout.Split, of layout: DatasetLayout, classes first: [String] = [], reading: ImageReading
    ) throws(DatasetError) {
        try self.init(
            split.images.map { ($0.file, $0.className) }, in: layout.tree, split: split.name, classes: first,
            reading: reading)
    }

    /// - Throws: ``DatasetError/noImages(path:split:)`` if there is none.
    init(
        _ images: [(file: FileTree.File, label: String)], in tree: FileTree, split: String,
        classes first: [String] = [], reading: ImageReading
    ) throws(DatasetError) {
        guard !images.isEmpty else { throw .noImages(path: tree.path, split: split) }
        path = tree.path
        self.tree = tree
        self.reading = reading
        classes = first + ClassMatching.sorted(Set(images.map(\.label)).subtracting(first))
        let labels = Dictionary(zip(classes, classes.indices)) { first, _ in first }
        items = images.map { Item(label: labels[$0.label] ?? 0, file: $0.file) }
    }

    public var count: Int { items.count }

    public func label(_ index: Int) -> Int { items[index].label }

    /// The image's path inside the set.
    public func name(_ index: Int) -> String { items[index].path }

    /// - Throws: `ImageError`.
    public func image(_ index: Int) throws -> Image { try image(items[index]) }

    /// Reads and decodes an image.
    /// - Throws: `ImageError`.
    public func image(_ item: Item) throws -> Image {
        try tree.image(of: item.file, reading: reading)
    }
}
