import CSPNG
import Foundation

/// Decodes PNG files with libspng, following `PIL.Image.convert("RGB")`: transparency is dropped.
enum PNGDecoder {
    /// The eight bytes every PNG file starts with.
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Bounds what text and profile chunks may unpack to: they are read for their check sums only.
    private static let chunkLimit = 1 << 26

    static func decode(_ data: UnsafeRawBufferPointer, name: String) throws(ImageError) -> Image {
        guard let context = spng_ctx_new(0) else {
            throw .unsupported(name: name, reason: "the PNG decoder does not start (out of memory)")
        }
        defer { spng_ctx_free(context) }
        let side = UInt32(Image.maximumSide)
        // A picture may be one long chunk, so the limit is never below the size of the file.
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
        // is refused before its picture is allocated.
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
        guard isComplete(data) else { throw .corrupt(name: name, reason: "the file ends early") }
        return Image(uncheckedWidth: width, height: height, pixels: pixels)
    }

    /// Whether the chunks, each of a length, a type, data and a check sum, are all there up to the end chunk.
    private static func isComplete(_ data: UnsafeRawBufferPointer) -> Bool {
        let endType = 0x4945_4E44  // "IEND"
        var position = signature.count
        while position + 12 <= data.count {
            let isEnd = bigEndian32(data, position + 4) == endType
            position += 12 + bigEndian32(data, position)
            if isEnd { return position <= data.count }
        }
        return false
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
            throw .tooLarge(name: name, width: bigEndian32(data, 16), height: bigEndian32(data, 20))
        case SPNG_IO_EOF.rawValue, SPNG_EIDAT_TOO_SHORT.rawValue:
            throw .corrupt(name: name, reason: "the file ends early")
        default:
            throw .corrupt(name: name, reason: String(cString: spng_strerror(code)))
        }
    }

    private static func bigEndian32(_ data: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        guard offset + 4 <= data.count else { return 0 }
        return Int(UInt32(bigEndian: data.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
