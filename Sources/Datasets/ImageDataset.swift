import Archives
import Images

/// A dataset of JPEG, PNG and WebP files in a folder or an archive, like torchvision's `ImageFolder`.
public struct ImageDataset: Dataset {
    /// An image that has not been read yet.
    public struct Item: Sendable, Hashable {
        /// The path below the folder or in the archive.
        public var path: String { file.path }
        /// The index of the class in ``ImageDataset/classes``.
        public let label: Int
        fileprivate let file: FileTree.File
    }

    /// The path of the folder or the archive.
    public let path: String
    /// The names of the classes: those of their folders, sorted (as numbers, if all are), or those in a table of labels.
    public let classes: [String]
    /// The images, sorted by path, so that the order depends on neither file system nor archive.
    public let items: [Item]
    private let tree: FileTree
    /// The reader of the files, which collects warnings.
    public let reading: ImageReader

    /// Finds the images of a folder or an archive.
    ///
    /// - Parameters:
    ///   - path: A folder or an archive.
    ///   - split: The folder that contains the class folders, such as `test`; empty if they are at the top.
    ///   - reading: The reader of the files.
    /// - Throws: ``DatasetError``, also if there are no images.
    public init(path: String, split: String = "", reading: ImageReader = ImageReader()) throws(DatasetError) {
        let layout = DatasetLayout(try ImageFiles(path: path))
        guard let found = layout.splits.first(where: { $0.name == split }) else {
            throw .noImages(path: path, split: split)
        }
        try self.init(found, of: layout, reading: reading)
    }

    /// - Parameter first: Classes whose labels precede those of classes that only this split has.
    init(
        _ split: DatasetLayout.Split, of layout: DatasetLayout, classes first: [String] = [], reading: ImageReader
    ) throws(DatasetError) {
        try self.init(
            split.images.map { ($0.file, $0.className) }, in: layout.tree, split: split.name, classes: first,
            reading: reading)
    }

    /// - Throws: ``DatasetError/noImages(path:split:)`` if there are none.
    init(
        _ images: [(file: FileTree.File, label: String)], in tree: FileTree, split: String,
        classes first: [String] = [], reading: ImageReader
    ) throws(DatasetError) {
        guard !images.isEmpty else { throw .noImages(path: tree.path, split: split) }
        path = tree.path
        self.tree = tree
        self.reading = reading
        classes = first + ClassMatching.sorted(Set(images.map(\.label)).subtracting(first))
        let labels = Dictionary(zip(classes, classes.indices)) { first, _ in first }
        items = images.map { Item(label: labels[$0.label] ?? 0, file: $0.file) }
    }

    /// Number of images.
    public var count: Int { items.count }

    /// The label of the image at an index in `0..<count`.
    public func label(_ index: Int) -> Int { items[index].label }

    /// The path of the image at an index.
    public func name(_ index: Int) -> String { items[index].path }

    /// Reads and decodes the image at an index.
    ///
    /// - Throws: `ImageError`, or `FileError` if its file cannot be opened.
    public func image(_ index: Int) throws -> Image { try image(items[index]) }

    /// Reads and decodes an image.
    ///
    /// - Throws: `ImageError`, or `FileError` if its file cannot be opened.
    public func image(_ item: Item) throws -> Image {
        try tree.image(of: item.file, reading: reading)
    }
}
