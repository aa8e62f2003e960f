import CTurboJPEG
import Foundation

/// Decodes JPEG files with libjpeg-turbo.
///
/// It uses the accurate integer inverse cosine transform and the smooth ("fancy") chroma upsampling, the defaults of
/// libjpeg and of Pillow, so that both give the same samples.
enum JPEGDecoder {
    /// Warnings that do not affect the image. Every other warning means that samples are missing or guessed. The decoder
    /// keeps only a file's first warning: damage to the samples after one of these goes unnoticed, as all damage does in
    /// Pillow, but truncation does not.
    private static let harmlessWarnings = [
        "extraneous bytes before marker", "unknown JFIF revision", "Unknown Adobe color transform",
        "Invalid SOS parameters for sequential JPEG",
    ]

    static func decode(
        _ data: UnsafeRawBufferPointer, name: String, strictness: ImageReadingOptions.Strictness
    ) throws(ImageError) -> DecodedFile {
        let structure = JPEGStructure(data)
        try Image.checkSize(width: structure.width, height: structure.height, name: name)
        let orientation = structure.exif.map { EXIF.orientation($0) } ?? .upright
        if structure.isComplete {
            let image = try decodePixels(data, structure, name: name) { message in
                harmlessWarnings.contains { message.contains($0) }
            }
            return DecodedFile(image: image, orientation: orientation)
        }
        let warning = ImageWarning.damagedEnd(name: name, reason: "the end-of-image marker is missing")
        guard strictness == .tolerant,
            let image = JPEGEndRepair.decode(data, JPEGStructure(data, coversScans: true), name: name)
        else { throw warning.error }
        return DecodedFile(image: image, orientation: orientation, warnings: [warning])
    }

    /// Decodes a file with an end-of-image marker.
    ///
    /// - Parameter isHarmless: Whether the decoder's first warning, the only one it keeps, does not affect the image.
    static func decodePixels(
        _ data: UnsafeRawBufferPointer, _ structure: JPEGStructure, name: String, isHarmless: (String) -> Bool
    ) throws(ImageError) -> Image {
        guard let handle = tjInitDecompress() else {
            throw .unsupported(name: name, reason: "the JPEG decoder does not start (out of memory)")
        }
        defer { tjDestroy(handle) }
        guard let bytes = data.bindMemory(to: UInt8.self).baseAddress else { throw .empty(name: name) }
        let byteCount = UInt(data.count)

        var width: Int32 = 0
        var height: Int32 = 0
        var subsampling: Int32 = -1
        var colorSpace: Int32 = -1
        let status = tjDecompressHeader3(
            handle, bytes, byteCount, &width, &height, &subsampling, &colorSpace)
        // Unusual chroma subsampling is reported as a failure here but decodes well; the size is set first.
        guard width > 0, height > 0 else {
            throw failure(of: handle, name: name)
        }
        guard colorSpace >= 0 else {
            throw .unsupported(name: name, reason: "its colour space is not grey, RGB, YCbCr, CMYK or YCCK")
        }
        if status != 0, tjGetErrorCode(handle) == TJERR_WARNING.rawValue {
            try checkWarning(of: handle, name: name, isHarmless)
        }
        try Image.checkSize(width: Int(width), height: Int(height), name: name)
        let pixelCount = Int(width) * Int(height)
        // A Huffman code takes at least one bit for each block of 8 x 8 samples: a header that declares more blocks than
        // the file has bits is refused before the image is allocated.
        guard !structure.isHuffmanCoded || pixelCount / 64 <= data.count * 8 else {
            throw .corrupt(name: name, reason: "it is too short for \(width) x \(height) pixels")
        }

        let isCMYK = colorSpace == Int32(TJCS_CMYK.rawValue) || colorSpace == Int32(TJCS_YCCK.rawValue)
        let format = isCMYK ? TJPF_CMYK : TJPF_RGB
        let channels = isCMYK ? 4 : 3
        var result: Int32 = -1
        let pixels = [UInt8](unsafeUninitializedCapacity: pixelCount * channels) { buffer, count in
            // Passing the size makes the decoder refuse anything that would not fit the buffer.
            result = tjDecompress2(
                handle, bytes, byteCount, buffer.baseAddress, width, width * Int32(channels), height,
                format.rawValue, TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
            // After a warning every row has been written; after an error some have not.
            guard result == 0 || tjGetErrorCode(handle) == TJERR_WARNING.rawValue else { return }
            if isCMYK { convertInvertedCMYK(buffer, pixelCount: pixelCount) }
            count = pixelCount * 3
        }
        if result != 0 {
            guard tjGetErrorCode(handle) == TJERR_WARNING.rawValue else {
                throw failure(of: handle, name: name)
            }
            try checkWarning(of: handle, name: name, isHarmless)
        }
        return Image(uncheckedWidth: Int(width), height: Int(height), pixels: pixels)
    }

    /// Converts inverted CMYK (255 is no ink) to RGB in place, with the rounding of Pillow's `cmyk2rgb`
    /// (src/libImaging/Convert.c): R, G, B = C', M', Y' x K' / 255 for the stored values C', M', Y', K'.
    private static func convertInvertedCMYK(_ buffer: UnsafeMutableBufferPointer<UInt8>, pixelCount: Int) {
        for pixel in 0..<pixelCount {
            let key = Int32(buffer[4 * pixel + 3])
            for channel in 0..<3 {
                let ink = 255 - Int32(buffer[4 * pixel + channel])
                let product = ink * key + 128
                // The written pixel is not after the one read, so nothing unread is overwritten.
                buffer[3 * pixel + channel] = UInt8(clamping: key - ((product >> 8) + product) >> 8)
            }
        }
    }

    private static func checkWarning(
        of handle: tjhandle, name: String, _ isHarmless: (String) -> Bool
    ) throws(ImageError) {
        let message = message(of: handle)
        guard isHarmless(message) else {
            throw .corrupt(name: name, reason: message)
        }
    }

    private static func failure(of handle: tjhandle, name: String) -> ImageError {
        let message = message(of: handle)
        // The decoder's own limit for a side, 65,500, is a little below the format's.
        let limitations = ["Unsupported", "not implemented", "Maximum supported image dimension"]
        if limitations.contains(where: { message.contains($0) }) {
            return .unsupported(name: name, reason: message)
        }
        return .corrupt(name: name, reason: message)
    }

    private static func message(of handle: tjhandle) -> String {
        tjGetErrorStr2(handle).map { String(cString: $0) } ?? "no message from the JPEG decoder"
    }
}

/// Decodes JPEG files without an end-of-image marker, if all their pixels are there.
///
/// A file truncated within its image has no such marker either, and may be padded with zeros, which a Huffman decoder takes
/// for pixels like any other bytes. Therefore the padding is replaced by a marker, and the file decoded twice: with all its
/// data, which must suffice, and with a little less, which must not. Doubtful files count as truncated. An image whose last
/// few bytes were overwritten cannot be told from an intact one, nor can one that is damaged elsewhere: JPEG data have no
/// checksum.
enum JPEGEndRepair {
    /// Maximum number of arbitrary bytes in place of the marker and its padding.
    private static let maxGarbageByteCount = 16

    private static let endOfImage: [UInt8] = [0xFF, 0xD9]

    /// The image, or nil if pixels are or may be missing.
    static func decode(_ data: UnsafeRawBufferPointer, _ structure: JPEGStructure, name: String) -> Image? {
        // An arithmetic decoder silently takes missing data for zeros.
        guard structure.isHuffmanCoded, structure.endsInScan, structure.coverage.isComplete else { return nil }
        let filled = data.count - contentCount(data)
        if let image = decode(data.dropLast(filled), structure, name: name) {
            let short = data.dropLast(min(filled + maxGarbageByteCount + 1, data.count))
            return decode(short, structure, name: name) == nil ? image : nil
        }
        // The last one or two bytes of the image may be zeros themselves.
        return filled <= endOfImage.count ? decode(data[...], structure, name: name) : nil
    }

    /// The number of bytes without zeros and fill bytes (0xFF) at the end. A 0xFF byte followed by a zero is data, and stays.
    private static func contentCount(_ data: UnsafeRawBufferPointer) -> Int {
        var count = data.count
        while count >= 2, data[count - 1] == 0 || data[count - 1] == 0xFF {
            if data[count - 1] == 0, data[count - 2] == 0xFF { break }
            count -= 1
        }
        return count
    }

    /// The image of data that lack only an end-of-image marker, or nil if they lack more. The decoder's first warning may be
    /// about bytes before the added marker, as nothing else is missing then.
    private static func decode(
        _ data: Slice<UnsafeRawBufferPointer>, _ structure: JPEGStructure, name: String
    ) -> Image? {
        let ended = Array(data) + endOfImage
        return ended.withUnsafeBytes { bytes in
            try? JPEGDecoder.decodePixels(bytes, structure, name: name) { message in
                message.contains("extraneous bytes before marker 0xd9")
            }
        }
    }
}
