import FileSystem
import Foundation

extension Image {
    /// An image and the warnings about its file.
    public struct Reading: Sendable, Hashable {
        /// The image.
        public var image: Image

        /// Damage that leaves the pixels intact, in the order of the file. Empty for nearly every file.
        public var warnings: [ImageWarning]
    }

    /// Reads and decodes a JPEG, PNG or WebP file, as ``init(contentsOf:options:)`` does, and reports damage that
    /// leaves the pixels intact.
    ///
    /// - Throws: ``ImageError``.
    public static func read(
        contentsOf path: String, options: ImageReadingOptions = .init()
    ) throws(ImageError) -> Reading {
        try read(decoding: ImageFile.read(path), name: path, options: options)
    }

    /// Decodes a JPEG, PNG or WebP image in memory, and reports damage that leaves the pixels intact.
    ///
    /// - Parameters:
    ///   - data: The encoded image, as in a file.
    ///   - name: The image's name in errors and warnings.
    ///   - options: How the image is read.
    /// - Throws: ``ImageError``.
    public static func read(
        decoding data: [UInt8], name: String, options: ImageReadingOptions = .init()
    ) throws(ImageError) -> Reading {
        // The standard library's `withUnsafeBytes` loses the type of the error; `Result` carries it across.
        try data.withUnsafeBytes { bytes in
            Result { () throws(ImageError) in try read(decoding: bytes, name: name, options: options) }
        }.get()
    }

    /// Decodes a JPEG, PNG or WebP image in memory, and reports damage that leaves the pixels intact.
    ///
    /// - Parameters:
    ///   - data: The encoded image, as in a file.
    ///   - name: The image's name in errors and warnings.
    ///   - options: How the image is read.
    /// - Throws: ``ImageError``.
    public static func read(
        decoding data: Data, name: String, options: ImageReadingOptions = .init()
    ) throws(ImageError) -> Reading {
        try data.withUnsafeBytes { bytes in
            Result { () throws(ImageError) in try read(decoding: bytes, name: name, options: options) }
        }.get()
    }

    /// Decodes a JPEG, PNG or WebP image in memory, and reports damage that leaves the pixels intact.
    ///
    /// - Parameters:
    ///   - data: The encoded image, which is only read during the call.
    ///   - name: The image's name in errors and warnings.
    ///   - options: How the image is read.
    /// - Throws: ``ImageError``.
    public static func read(
        decoding data: UnsafeRawBufferPointer, name: String, options: ImageReadingOptions = .init()
    ) throws(ImageError) -> Reading {
        guard !data.isEmpty else { throw .empty(name: name) }
        guard let format = format(of: data) else {
            if ImageFormat.allCases.contains(where: { data.count < $0.signature.count && $0.mayStart(data) }) {
                throw .corrupt(name: name, reason: "the file ends within its signature")
            }
            throw .unknownFormat(name: name, content: ForeignContent(data))
        }
        let file =
            switch format {
            case .jpeg: try JPEGDecoder.decode(data, name: name, strictness: options.strictness)
            case .png: try PNGDecoder.decode(data, name: name, strictness: options.strictness)
            case .webp: try WebPDecoder.decode(data, name: name, strictness: options.strictness)
            }
        let image = options.appliesOrientation ? file.orientation.apply(to: file.image) : file.image
        return Reading(image: image, warnings: file.warnings)
    }
}

/// The result of a decoder.
struct DecodedFile {
    /// The pixels as they are stored.
    var image: Image

    /// How they are displayed.
    var orientation: Orientation

    /// Damage to the file that leaves the pixels intact.
    var warnings: [ImageWarning] = []
}

/// How image files are read.
public struct ImageReadingOptions: Sendable, Hashable {
    /// The treatment of files in which something other than the pixels is damaged.
    public enum Strictness: Sendable, Hashable {
        /// The image is read, with an ``ImageWarning``, as most viewers do.
        case tolerant

        /// The damage is an error, ``ImageError/corrupt(name:reason:)``.
        case strict
    }

    /// Whether the image is rotated and mirrored by its EXIF orientation, as in viewers.
    public var appliesOrientation: Bool

    /// The treatment of files in which something other than the pixels is damaged.
    public var strictness: Strictness

    /// Creates options; the defaults are those of most viewers.
    public init(appliesOrientation: Bool = true, strictness: Strictness = .tolerant) {
        self.appliesOrientation = appliesOrientation
        self.strictness = strictness
    }
}

/// Reads whole files.
enum ImageFile {
    /// The maximum size of a file: well above that of any image within ``Image/maximumPixelCount``, and a limit for endless
    /// devices.
    static let maximumByteCount = 1 << 31

    /// The file's bytes.
    ///
    /// - Throws: ``ImageError/unreadable(name:reason:)``, or ``ImageError/empty(name:)``.
    static func read(_ path: String) throws(ImageError) -> [UInt8] {
        let bytes: [UInt8]?
        do throws(Errno) {
            let file = try FileDescriptor.open(path: path, .readOnly)
            defer { try? file.close() }
            let isTooLarge = try file.status().size > maximumByteCount
            bytes = isTooLarge ? nil : try file.readToEnd(limit: maximumByteCount + 1)
        } catch {
            throw .unreadable(name: path, reason: error.description)
        }
        guard let bytes, bytes.count <= maximumByteCount else {
            throw .unreadable(name: path, reason: "it is larger than \(maximumByteCount >> 30) GiB")
        }
        guard !bytes.isEmpty else { throw .empty(name: path) }
        return bytes
    }
}
