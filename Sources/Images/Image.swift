import Foundation

/// An 8-bit RGB image in memory.
///
/// Every kind of file (grey, palette, CMYK, 16 bits per sample, transparency) is converted to 8-bit RGB by the rules of
/// `PIL.Image.open(path).convert("RGB")`, which torchvision's datasets use, so that a network sees the numbers it was
/// trained on:
///
/// - an alpha channel or transparent colour is dropped, not composited: the colour stored underneath is used;
/// - CMYK and YCCK JPEG files are read as inverted, as Adobe's software writes them;
/// - the first frame of an animation is read, on a black canvas if the canvas is larger;
/// - embedded colour profiles and gamma are ignored.
///
/// The EXIF orientation is applied, as by viewers and Pillow's `ImageOps.exif_transpose`, unless
/// ``ImageReadingOptions/appliesOrientation`` is false.
///
/// One rule differs: a 16-bit sample is reduced to its high byte. Pillow does so for RGB, but clips 16-bit grey at 255, which
/// turns nearly every such image white.
public struct Image: Sendable, Hashable {
    /// The maximum number of pixels, 178,956,970, above which Pillow refuses a file as a decompression bomb (twice its
    /// `MAX_IMAGE_PIXELS`).
    public static let maximumPixelCount = 178_956_970

    /// The maximum width and height, the largest that the JPEG format can express.
    public static let maximumSide = 65_535

    /// The number of pixels in a row, from 1 to ``maximumSide``.
    public let width: Int

    /// The number of rows, from 1 to ``maximumSide``.
    public let height: Int

    /// The samples, `height` x `width` x 3: rows from the top, pixels from the left, red, green and blue.
    public let pixels: [UInt8]

    /// Creates an image from samples in memory.
    ///
    /// - Parameters:
    ///   - width: The number of pixels in a row.
    ///   - height: The number of rows.
    ///   - pixels: `height` x `width` x 3 samples, red, green and blue interleaved.
    /// - Throws: ``ImageError/tooLarge(name:width:height:)`` or
    ///   ``ImageError/invalidPixels(width:height:count:)`` if the sides are not positive or the number of samples does not
    ///   match them.
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

    /// Reads and decodes a JPEG, PNG or WebP file. The first bytes determine the format, not the file name.
    ///
    /// - Parameters:
    ///   - path: The path of the file, absolute or relative to the working directory.
    ///   - options: How the image is read.
    /// - Throws: ``ImageError``. Truncated or damaged pixels are an error, and never read as a half-grey image.
    ///   ``read(contentsOf:options:)`` also reports damage that leaves the pixels intact.
    public init(contentsOf path: String, options: ImageReadingOptions = .init()) throws(ImageError) {
        self = try Image.read(contentsOf: path, options: options).image
    }

    /// Decodes a JPEG, PNG or WebP image in memory.
    ///
    /// - Parameters:
    ///   - data: The encoded image, as in a file.
    ///   - name: The image's name in errors.
    ///   - options: How the image is read.
    /// - Throws: ``ImageError``, as ``init(contentsOf:options:)`` does.
    public init(decoding data: [UInt8], name: String, options: ImageReadingOptions = .init()) throws(ImageError) {
        self = try Image.read(decoding: data, name: name, options: options).image
    }

    /// Decodes a JPEG, PNG or WebP image in memory.
    ///
    /// - Parameters:
    ///   - data: The encoded image, as in a file.
    ///   - name: The image's name in errors.
    ///   - options: How the image is read.
    /// - Throws: ``ImageError``, as ``init(contentsOf:options:)`` does.
    public init(decoding data: Data, name: String, options: ImageReadingOptions = .init()) throws(ImageError) {
        self = try Image.read(decoding: data, name: name, options: options).image
    }

    /// Decodes a JPEG, PNG or WebP image in memory.
    ///
    /// - Parameters:
    ///   - data: The encoded image, which is only read during the call.
    ///   - name: The image's name in errors.
    ///   - options: How the image is read.
    /// - Throws: ``ImageError``, as ``init(contentsOf:options:)`` does.
    public init(
        decoding data: UnsafeRawBufferPointer, name: String, options: ImageReadingOptions = .init()
    ) throws(ImageError) {
        self = try Image.read(decoding: data, name: name, options: options).image
    }

    /// Creates an image without checks, for decoders and resamplers, which guarantee the number of samples.
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
