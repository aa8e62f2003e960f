import CTurboJPEG
import Foundation

/// Decodes JPEG files with libjpeg-turbo.
///
/// The accurate integer inverse cosine transform and the smooth ("fancy") chroma upsampling are libjpeg's
/// defaults and those of Pillow, so that both give the same samples.
enum JPEGDecoder {
    /// Warnings after which the image is still exactly what the file describes. Every other warning means
    /// that samples are missing or guessed. The decoder keeps only a file's first warning: damage to the
    /// samples that follows one of these goes unnoticed, as all damage does in Pillow, but truncation does
    /// not.
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

    /// Decodes a file that has its end-of-image marker.
    ///
    /// - Parameter isHarmless: Whether the image is whole after the decoder's first warning; it keeps no other.
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
        // Unusual chroma subsampling is reported as a failure here, yet decodes well; the size is set first.
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
        // A Huffman code takes at least one bit for each block of 8 x 8 samples: a header that announces more
        // blocks than the file has bits is refused before its image is allocated.
        guard !structure.isHuffmanCoded || pixelCount / 64 <= data.count * 8 else {
            throw .corrupt(name: name, reason: "it is too short for \(width) x \(height) pixels")
        }

        let isCMYK = colorSpace == Int32(TJCS_CMYK.rawValue) || colorSpace == Int32(TJCS_YCCK.rawValue)
        let format = isCMYK ? TJPF_CMYK : TJPF_RGB
        let channels = isCMYK ? 4 : 3
        var result: Int32 = -1
        let pixels = [UInt8](unsafeUninitializedCapacity: pixelCount * channels) { buffer, count in
            // Giving the size again makes the decoder refuse anything that would not fit the buffer.
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

    /// Turns inverted CMYK (a stored 255 is no ink) into RGB in place, with the rounding of Pillow's
    /// `cmyk2rgb` (src/libImaging/Convert.c): each of R, G, B is C', M', Y' x K' / 255 of the stored values.
    private static func convertInvertedCMYK(_ buffer: UnsafeMutableBufferPointer<UInt8>, pixelCount: Int) {
        for pixel in 0..<pixelCount {
            let key = Int32(buffer[4 * pixel + 3])
            for channel in 0..<3 {
                let ink = 255 - Int32(buffer[4 * pixel + channel])
                let product = ink * key + 128
                // The pixel written lies at or before the one read: nothing unread is overwritten.
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
