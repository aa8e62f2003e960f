import Images
import Synchronization

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
