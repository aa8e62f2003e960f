import Foundation

/// An 8-bit RGB image in memory.
///
/// Whatever a file holds (grey, palette, CMYK, 16 bits per sample, transparency) becomes 8-bit RGB by the
/// same rules as `PIL.Image.open(path).convert("RGB")`, which is what torchvision's data sets do, so that a
/// network sees the same numbers it was trained on:
///
/// - an alpha channel or transparent colour is dropped, not composited: the colour stored underneath is used;
/// - CMYK and YCCK JPEG files are taken to be inverted, as Adobe's software writes them;
/// - of an animation the first frame is read, on a black canvas if it is smaller than that;
/// - embedded colour profiles and gamma are ignored.
///
/// The EXIF orientation is applied, as viewers and Pillow's `ImageOps.exif_transpose` do, unless
/// ``ImageReadingOptions/appliesOrientation`` is false: then the image is as its file stores it.
///
/// One rule is ours: a 16-bit sample is reduced to its high byte. Pillow does so for RGB, but clips 16-bit
/// grey at 255, which turns nearly every such image white.
public struct Image: Sendable, Hashable {
    /// The most pixels an image may have: 178,956,970, the number above which Pillow refuses a file as a
    /// decompression bomb (twice its `MAX_IMAGE_PIXELS`).
    public static let maximumPixelCount = 178_956_970

    /// The most pixels a side may have. It is the largest number the JPEG format can express.
    public static let maximumSide = 65_535

    /// The number of pixels in a row, from 1 to ``maximumSide``.
    public let width: Int

    /// The number of rows, from 1 to ``maximumSide``.
    public let height: Int

    /// The samples, `height` x `width` x 3: rows from the top, pixels from the left, red, green and blue.
    public let pixels: [UInt8]

    /// Makes an image of samples already in memory.
    ///
    /// - Parameters:
    ///   - width: The number of pixels in a row.
    ///   - height: The number of rows.
    ///   - pixels: `height` x `width` x 3 samples, red, green and blue interleaved.
    /// - Throws: ``ImageError/tooLarge(name:width:height:)`` or
    ///   ``ImageError/invalidPixels(width:height:count:)`` when the sides are not positive or the count of
    ///   samples does not fit them.
    public init(width: Int, height: Int, pixels: [UInt8]) throws(ImageError) {
        guard width > 0, height > 0 else {
            throw .invalidPixels(width: width, height: height, count: pixels.count)
        }
        try Image.checkSize(width: width, height: height, name: "pixels")
        guard pixels.count == width * height * 3 else {
            throw .invalidPixels(width: width, height: height, count: pixels.count)
        }
        self.init(uncheckedWidth: width, height: height, pixels: pixels)
    }

    /// Reads and decodes a JPEG, PNG or WebP file. The format is recognised by the file's first bytes; its name
    /// does not matter.
    ///
    /// - Parameters:
    ///   - path: The path of the file, absolute or relative to the working directory.
    ///   - options: How the file is read.
    /// - Throws: ``ImageError``. A file whose pixels are truncated or damaged is an error, never a half-grey image.
    ///   ``read(contentsOf:options:)`` also tells of damage that leaves the pixels whole.
    public init(contentsOf path: String, options: ImageReadingOptions = .init()) throws(ImageError) {
        self = try Image.read(contentsOf: path, options: options).image
    }

    /// Decodes a JPEG, PNG or WebP image in memory.
    ///
    /// - Parameters:
    ///   - data: The encoded image: what a file would hold.
    ///   - name: What error messages call the image.
    ///   - options: How it is read.
    /// - Throws: ``ImageError``, as ``init(contentsOf:options:)`` does.
    public init(decoding data: [UInt8], name: String, options: ImageReadingOptions = .init()) throws(ImageError) {
        self = try Image.read(decoding: data, name: name, options: options).image
    }

    /// Decodes a JPEG, PNG or WebP image in memory.
    ///
    /// - Parameters:
    ///   - data: The encoded image: what a file would hold.
    ///   - name: What error messages call the image.
    ///   - options: How it is read.
    /// - Throws: ``ImageError``, as ``init(contentsOf:options:)`` does.
    public init(decoding data: Data, name: String, options: ImageReadingOptions = .init()) throws(ImageError) {
        self = try Image.read(decoding: data, name: name, options: options).image
    }

    /// Decodes a JPEG, PNG or WebP image in memory.
    ///
    /// - Parameters:
    ///   - data: The encoded image: what a file would hold. It is read only during the call.
    ///   - name: What error messages call the image.
    ///   - options: How it is read.
    /// - Throws: ``ImageError``, as ``init(contentsOf:options:)`` does.
    public init(
        decoding data: UnsafeRawBufferPointer, name: String, options: ImageReadingOptions = .init()
    ) throws(ImageError) {
        self = try Image.read(decoding: data, name: name, options: options).image
    }

    /// For decoders and resamplers, whose arithmetic already guarantees the count.
    package init(uncheckedWidth width: Int, height: Int, pixels: [UInt8]) {
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Checks positive sides against the limits, without overflow.
    static func checkSize(width: Int, height: Int, name: String) throws(ImageError) {
        guard width <= maximumSide, height <= maximumSide, width * height <= maximumPixelCount else {
            throw .tooLarge(name: name, width: width, height: height)
        }
    }
}
