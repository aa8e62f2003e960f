import Archives
import Images
import Synchronization

/// The images among the files of a folder or an archive, whatever folders they are in.
package struct ImageFiles: Sendable {
    package let tree: FileTree
    /// JPEG, PNG and WebP files, sorted by path.
    package let files: [FileTree.File]
    /// What is left out.
    package let notes: [DatasetNote]

    /// Endings that are believed. Other files are looked into.
    private static let endings: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png", "webp"]
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

    /// - Parameters:
    ///   - path: a folder, or an archive.
    ///   - progress: called while a compressed archive is unpacked.
    /// - Throws: ``DatasetError``.
    package init(path: String, progress: (UnpackingProgress) -> Void = { _ in }) throws(DatasetError) {
        self.init(try FileTree(dataset: path, progress: progress))
    }

    private static func isImage(_ file: FileTree.File, _ tree: FileTree) -> Bool {
        if endings.contains(file.ending) { return true }
        guard let first = try? tree.firstBytes(of: file, count: ImageFormat.signatureByteCount) else { return false }
        return first.withUnsafeBytes { Image.format(of: $0) } != nil
    }
}

extension FileTree {
    /// In bytes.
    private static let smallImage = 1 << 16

    /// The files at a path.
    /// - Throws: ``DatasetError/archive(_:)``.
    convenience init(dataset path: String, progress: (UnpackingProgress) -> Void = { _ in }) throws(DatasetError) {
        do {
            try self.init(path, progress: progress)
        } catch {
            throw .archive(error)
        }
    }

    /// Reads and decodes an image.
    /// - Throws: `ImageError`, or `FileError` if its file cannot be opened.
    package func image(of file: File, reading: ImageReading) throws -> Image {
        if let path = diskPath(of: file) { return try reading.image(contentsOf: path) }
        return try reading.image(name(of: file)) { name, options in
            guard let bytes = bytesInArchive(of: file), bytes.count <= Self.smallImage else {
                return try contents(of: file).withBytes { try Image.read(decoding: $0, name: name, options: options) }
            }
            // Copied in one go a small image is in the core's cache when it is decoded; read where it lies, each of its
            // cache lines is waited for.
            defer { withExtendedLifetime(self) {} }
            return try Image.read(decoding: [UInt8](bytes), name: name, options: options)
        }
    }
}

extension FileTree.File {
    /// What follows the last point of the name, in small letters; empty without one.
    var ending: String {
        let name = path.split(separator: "/").last ?? ""
        guard let point = name.lastIndex(of: "."), point != name.startIndex else { return "" }
        return name[name.index(after: point)...].lowercased()
    }
}

/// How images' files are read, and what was wrong with those that could be read all the same. Safe to use from several
/// threads.
public final class ImageReading: Sendable {
    public let options: ImageReadingOptions
    private let found = Mutex<[String: ImageWarning]>([:])

    public init(_ options: ImageReadingOptions = .init()) {
        self.options = options
    }

    /// What was wrong so far, one warning for each image, in the order of their names.
    public var warnings: [ImageWarning] {
        found.withLock { found in found.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// The image, with its warnings kept.
    func image(
        _ name: String, _ read: (_ name: String, ImageReadingOptions) throws -> Image.Reading
    ) rethrows -> Image {
        let reading = try read(name, options)
        if let first = reading.warnings.first { found.withLock { $0[name] = first } }
        return reading.image
    }

    /// Reads and decodes an image's file.
    /// - Throws: `ImageError`.
    public func image(contentsOf path: String) throws -> Image {
        try image(path) { try Image.read(contentsOf: $0, options: $1) }
    }
}
