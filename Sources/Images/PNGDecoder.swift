import CSPNG
import Foundation

/// Decodes PNG files with libspng, following `PIL.Image.convert("RGB")`: transparency is dropped.
enum PNGDecoder {
    /// Bounds what text and profile chunks may unpack to: they are read for their check sums only.
    private static let chunkLimit = 1 << 26

    static func decode(
        _ data: UnsafeRawBufferPointer, name: String, strictness: ImageReadingOptions.Strictness
    ) throws(ImageError) -> DecodedFile {
        let structure = PNGStructure(data)
        do throws(ImageError) {
            let image = try decodePixels(data, structure, name: name)
            let trailing = data.count - structure.end
            let warnings = trailing > 0 ? [ImageWarning.trailingBytes(name: name, count: trailing)] : []
            if strictness == .strict, let warning = warnings.first { throw warning.error }
            return DecodedFile(image: image, orientation: structure.orientation, warnings: warnings)
        } catch {
            guard strictness == .tolerant, case .corrupt(_, let reason) = error,
                let image = decodeOnlyPixels(structure, name: name)
            else { throw error }
            let damage = structure.damage(name: name)
            let unknown = ImageWarning.damagedPart(name: name, reason: "a part without pixels is damaged: \(reason)")
            return DecodedFile(
                image: image, orientation: structure.orientation, warnings: damage.isEmpty ? [unknown] : damage)
        }
    }

    /// The image of a damaged file if the chunks that hold its pixels are sound.
    private static func decodeOnlyPixels(_ structure: PNGStructure, name: String) -> Image? {
        let file = structure.withoutAncillaryChunks
        return file.withUnsafeBytes { bytes in
            try? decodePixels(bytes, PNGStructure(bytes), name: name)
        }
    }

    /// Decodes a file in which nothing is damaged up to its end chunk.
    private static func decodePixels(
        _ data: UnsafeRawBufferPointer, _ structure: PNGStructure, name: String
    ) throws(ImageError) -> Image {
        guard let context = spng_ctx_new(0) else {
            throw .unsupported(name: name, reason: "the PNG decoder does not start (out of memory)")
        }
        defer { spng_ctx_free(context) }
        let side = UInt32(Image.maximumSide)
        // An image may be one long chunk, so the limit is never below the size of the file.
        let limit = max(chunkLimit, data.count)
        for code in [
            spng_set_image_limits(context, side, side),
            spng_set_chunk_limits(context, limit, limit),
            spng_set_crc_action(context, Int32(SPNG_CRC_ERROR.rawValue), Int32(SPNG_CRC_ERROR.rawValue)),
            spng_set_png_buffer(context, data.baseAddress, data.count),
        ] {
            try check(code, data: data, name: name)
        }

        var header = spng_ihdr()
        try check(spng_get_ihdr(context, &header), data: data, name: name)
        let width = Int(header.width)
        let height = Int(header.height)
        try Image.checkSize(width: width, height: height, name: name)
        // Deflate packs at most 1032 bytes into one (zlib's technical details): a header that announces more
        // is refused before its image is allocated.
        let bits = width * height * Int(header.bit_depth) * channelCount(header.color_type)
        guard bits / 8 / 1032 <= data.count else {
            throw .corrupt(name: name, reason: "it is too short for \(width) x \(height) pixels")
        }

        let byteCount = width * height * 3
        var code: Int32 = 0
        let pixels = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            code = spng_decode_image(
                context, buffer.baseAddress, byteCount, Int32(SPNG_FMT_RGB8.rawValue), 0)
            if code == 0 { count = byteCount }
        }
        try check(code, data: data, name: name)
        // Verifies the check sums of the last data chunk and of what follows.
        try check(spng_decode_chunks(context), data: data, name: name)
        // libspng (0.7.3) takes an end chunk whose check sum is missing for a sound one.
        guard structure.isComplete else { throw .corrupt(name: name, reason: "the file ends early") }
        return Image(uncheckedWidth: width, height: height, pixels: pixels)
    }

    private static func channelCount(_ colorType: UInt8) -> Int {
        switch UInt32(colorType) {
        case SPNG_COLOR_TYPE_TRUECOLOR.rawValue: 3
        case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA.rawValue: 2
        case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA.rawValue: 4
        default: 1
        }
    }

    private static func check(
        _ code: Int32, data: UnsafeRawBufferPointer, name: String
    ) throws(ImageError) {
        switch code {
        case SPNG_OK.rawValue:
            return
        case SPNG_EUSER_WIDTH.rawValue, SPNG_EUSER_HEIGHT.rawValue:
            // Only a header that was read completely gets this far; its size follows the signature and the
            // chunk's length and type.
            throw .tooLarge(
                name: name, width: data.number(at: 16, byteCount: 4, .bigEndian) ?? 0,
                height: data.number(at: 20, byteCount: 4, .bigEndian) ?? 0)
        case SPNG_IO_EOF.rawValue, SPNG_EIDAT_TOO_SHORT.rawValue:
            throw .corrupt(name: name, reason: "the file ends early")
        default:
            throw .corrupt(name: name, reason: String(cString: spng_strerror(code)))
        }
    }
}
