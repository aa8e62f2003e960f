import Archives
import Images
import Synchronization

/// The image files in a folder or an archive, at any depth.
package struct ImageFiles: Sendable {
    package let tree: FileTree
    /// JPEG, PNG and WebP files, sorted by path.
    package let files: [FileTree.File]
    /// Notes about files that are left out.
    package let notes: [DatasetNote]

    /// File name extensions that are trusted. Other files are opened to look at their first bytes.
    private static let extensions: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png", "webp"]

    /// Sorts the files of a tree into images and others.
    init(_ tree: FileTree) {
        self.tree = tree
        var notes = tree.problems.map { DatasetNote(problem: $0.problem, path: $0.path) }
        notes += tree.unpacked.map { DatasetNote(.unpackedBeside, example: $0) }
        var files: [FileTree.File] = []
        for file in tree.files {
            if Self.isImage(file, tree) {
                files.append(file)
            } else {
                notes.append(DatasetNote(.notAnImage(ending: file.ending), example: file.path))
            }
        }
        self.files = files
        self.notes = DatasetNote.merged(notes)
    }

    /// Finds the images of a folder or an archive.
    ///
    /// - Parameters:
    ///   - path: A folder or an archive.
    ///   - progress: Called while a compressed archive is unpacked.
    /// - Throws: ``DatasetError``.
    package init(path: String, progress: (UnpackingProgress) -> Void = { _ in }) throws(DatasetError) {
        self.init(try FileTree(dataset: path, progress: progress))
    }

    private static func isImage(_ file: FileTree.File, _ tree: FileTree) -> Bool {
        if extensions.contains(file.ending) { return true }
        guard let first = try? tree.firstBytes(of: file, count: ImageFormat.signatureByteCount) else { return false }
        return first.withUnsafeBytes { Image.format(of: $0) } != nil
    }
}

extension FileTree {
    /// Size in bytes up to which an image is copied before it is decoded.
    private static let smallImage = 1 << 16

    /// Lists the files of a dataset.
    ///
    /// - Throws: ``DatasetError/archive(_:)``.
    convenience init(dataset path: String, progress: (UnpackingProgress) -> Void = { _ in }) throws(DatasetError) {
        do {
            try self.init(path, progress: progress)
        } catch {
            throw .archive(error)
        }
    }

    /// Reads and decodes an image.
    ///
    /// - Throws: `ImageError`, or `FileError` if its file cannot be opened.
    package func image(of file: File, reading: ImageReader) throws -> Image {
        if let path = diskPath(of: file) { return try reading.image(contentsOf: path) }
        return try reading.image(name(of: file)) { name, options in
            guard let bytes = bytesInArchive(of: file), bytes.count <= Self.smallImage else {
                return try contents(of: file).withBytes { try Image.read(decoding: $0, name: name, options: options) }
            }
            // A copy of a small image is in the core's cache when it is decoded; decoded in place, it waits for each of its
            // cache lines.
            defer { withExtendedLifetime(self) {} }
            return try Image.read(decoding: [UInt8](bytes), name: name, options: options)
        }
    }
}

extension FileTree.File {
    /// The file name extension in lower case; empty if there is none.
    var ending: String {
        let name = path.split(separator: "/").last ?? ""
        guard let point = name.lastIndex(of: "."), point != name.startIndex else { return "" }
        return name[name.index(after: point)...].lowercased()
    }
}

/// Reads image files and collects their warnings. Several threads may use it at once.
public final class ImageReader: Sendable {
    /// How images are read.
    public let options: ImageReadingOptions
    private let found = Mutex<[String: ImageWarning]>([:])

    /// Creates a reader without warnings so far.
    public init(_ options: ImageReadingOptions = .init()) {
        self.options = options
    }

    /// The first warning of each image read so far, sorted by the names of the images.
    public var warnings: [ImageWarning] {
        found.withLock { found in found.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// Reads an image by a closure, and keeps its first warning.
    func image(
        _ name: String, _ read: (_ name: String, ImageReadingOptions) throws -> Image.Reading
    ) rethrows -> Image {
        let reading = try read(name, options)
        if let first = reading.warnings.first { found.withLock { $0[name] = first } }
        return reading.image
    }

    /// Reads and decodes an image file.
    ///
    /// - Throws: `ImageError`.
    public func image(contentsOf path: String) throws -> Image {
        try image(path) { try Image.read(contentsOf: $0, options: $1) }
    }
}
