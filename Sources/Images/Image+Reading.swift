import Foundation

extension Image {
    /// An image that was read, and what was wrong with its file.
    public struct Reading: Sendable, Hashable {
        public var image: Image

        /// Damage that leaves the pixels whole, in the order of the file. Empty for nearly every file.
        public var warnings: [ImageWarning]
    }

    /// Reads and decodes a JPEG, PNG or WebP file, as ``init(contentsOf:options:)`` does, and tells of damage that
    /// leaves the pixels whole.
    ///
    /// - Throws: ``ImageError``.
    public static func read(
        contentsOf path: String, options: ImageReadingOptions = .init()
    ) throws(ImageError) -> Reading {
        try read(decoding: ImageFile.read(path), name: path, options: options)
    }

    /// Decodes a JPEG, PNG or WebP image in memory, and tells of damage that leaves the pixels whole.
    ///
    /// - Parameters:
    ///   - data: The encoded image: what a file would hold.
    ///   - name: What messages call the image.
    ///   - options: How it is read.
    /// - Throws: ``ImageError``.
    public static func read(
        decoding data: [UInt8], name: String, options: ImageReadingOptions = .init()
    ) throws(ImageError) -> Reading {
        // The standard library's `withUnsafeBytes` loses the type of the error; `Result` carries it across.
        try data.withUnsafeBytes { bytes in
            Result { () throws(ImageError) in try read(decoding: bytes, name: name, options: options) }
        }.get()
    }

    /// Decodes a JPEG, PNG or WebP image in memory, and tells of damage that leaves the pixels whole.
    ///
    /// - Parameters:
    ///   - data: The encoded image: what a file would hold.
    ///   - name: What messages call the image.
    ///   - options: How it is read.
    /// - Throws: ``ImageError``.
    public static func read(
        decoding data: Data, name: String, options: ImageReadingOptions = .init()
    ) throws(ImageError) -> Reading {
        try data.withUnsafeBytes { bytes in
            Result { () throws(ImageError) in try read(decoding: bytes, name: name, options: options) }
        }.get()
    }

    /// Decodes a JPEG, PNG or WebP image in memory, and tells of damage that leaves the pixels whole.
    ///
    /// - Parameters:
    ///   - data: The encoded image: what a file would hold. It is read only during the call.
    ///   - name: What messages call the image.
    ///   - options: How it is read.
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

/// What a decoder makes of a file.
struct DecodedFile {
    /// The pixels as they are stored.
    var image: Image

    /// How they are to be seen.
    var orientation: Orientation

    /// What is wrong with the file.
    var warnings: [ImageWarning] = []
}
