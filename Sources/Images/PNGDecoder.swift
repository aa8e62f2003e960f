import CSPNG
import Foundation

/// Decodes PNG files with libspng, following `PIL.Image.convert("RGB")`: transparency is dropped.
enum PNGDecoder {
    /// Maximum size in bytes of unpacked text and profile chunks, which are read only for their checksums.
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

    /// The image of a damaged file if the chunks with its pixels are intact.
    private static func decodeOnlyPixels(_ structure: PNGStructure, name: String) -> Image? {
        let file = structure.withoutAncillaryChunks
        return file.withUnsafeBytes { bytes in
            try? decodePixels(bytes, PNGStructure(bytes), name: name)
        }
    }

    /// Decodes a file without damage up to its end chunk.
    private static func decodePixels(
        _ data: UnsafeRawBufferPointer, _ structure: PNGStructure, name: String
    ) throws(ImageError) -> Image {
        guard let context = spng_ctx_new(0) else {
            throw .unsupported(name: name, reason: "the PNG decoder does not start (out of memory)")
        }
        defer { spng_ctx_free(context) }
        let side = UInt32(Image.maximumSide)
        // An image may be a single chunk, so the limit is at least the size of the file.
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
        // Deflate packs at most 1032 bytes into one (zlib's technical details): a header that declares more is refused
        // before the image is allocated.
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
        // Verifies the checksums of the last data chunk and of the chunks after it.
        try check(spng_decode_chunks(context), data: data, name: name)
        // libspng (0.7.3) accepts an end chunk without a checksum.
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
            // The header was read completely; its size follows the signature and the length and type of the chunk.
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

/// The chunks of a PNG file (ISO/IEC 15948, 5.3): each has a length, a type, data and a checksum.
struct PNGStructure {
    /// A complete chunk.
    struct Chunk {
        /// The four letters.
        let type: String

        /// The length, type, data and checksum.
        let bytes: UnsafeRawBufferPointer

        var data: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[8..<(bytes.count - 4)]) }

        /// Whether the pixels do not need the chunk: its type begins with a lower-case letter.
        var isAncillary: Bool { type.utf8.first.map { $0 & 0x20 != 0 } ?? false }

        var hasRightChecksum: Bool {
            let checked = UnsafeRawBufferPointer(rebasing: bytes[4..<(bytes.count - 4)])
            return bytes.number(at: bytes.count - 4, byteCount: 4, .bigEndian) == Int(CRC32.checksum(checked))
        }
    }

    private static let endType = "IEND"

    /// An end chunk, which has no data.
    private static let endChunk: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]

    private let data: UnsafeRawBufferPointer

    /// The chunks up to the end chunk, the end of the file or bytes that are not a chunk.
    let chunks: [Chunk]

    /// The offset of the end of ``chunks``.
    let end: Int

    init(_ data: UnsafeRawBufferPointer) {
        var chunks: [Chunk] = []
        var position = ImageFormat.png.signature.count
        while let length = data.number(at: position, byteCount: 4, .bigEndian),
            let type = PNGStructure.type(at: position + 4, in: data),
            let bytes = data.part(at: position, count: 12 + length)
        {
            chunks.append(Chunk(type: type, bytes: bytes))
            position += bytes.count
            if type == PNGStructure.endType { break }
        }
        self.data = data
        self.chunks = chunks
        end = position
    }

    /// Whether the chunks include the end chunk.
    var isComplete: Bool { chunks.last?.type == PNGStructure.endType }

    /// The orientation in the first intact EXIF chunk, wherever it is.
    var orientation: Orientation {
        chunks.first { $0.type == "eXIf" && $0.hasRightChecksum }.map { EXIF.orientation($0.data) } ?? .upright
    }

    /// A file of only the chunks that the pixels need, and an intact end chunk.
    var withoutAncillaryChunks: [UInt8] {
        var file = Array(data.prefix(ImageFormat.png.signature.count))
        for chunk in chunks where !chunk.isAncillary && chunk.type != PNGStructure.endType { file += chunk.bytes }
        return file + PNGStructure.endChunk
    }

    /// The damage to the chunks that the pixels do not need, and to the end of the file.
    func damage(name: String) -> [ImageWarning] {
        var warnings: [ImageWarning] = []
        for chunk in chunks where chunk.isAncillary && !chunk.hasRightChecksum {
            warnings.append(.damagedPart(name: name, reason: "the check sum of its \(chunk.type) chunk is wrong"))
        }
        if isComplete {
            if chunks.last?.hasRightChecksum == false {
                warnings.append(.damagedEnd(name: name, reason: "the check sum of its IEND chunk is wrong"))
            }
            if end < data.count { warnings.append(.trailingBytes(name: name, count: data.count - end)) }
        } else if let type = PNGStructure.type(at: end + 4, in: data) {
            warnings.append(.damagedEnd(name: name, reason: "the file ends within its \(type) chunk"))
        } else if end + 8 <= data.count {
            warnings.append(.damagedEnd(name: name, reason: "something else stands where the IEND chunk should"))
        } else {
            warnings.append(.damagedEnd(name: name, reason: "the file ends without an IEND chunk"))
        }
        return warnings
    }

    private static func type(at offset: Int, in data: UnsafeRawBufferPointer) -> String? {
        guard let letters = data.part(at: offset, count: 4),
            letters.allSatisfy({ (0x41...0x5A).contains($0 & ~0x20) })
        else { return nil }
        return String(decoding: letters, as: UTF8.self)
    }
}

/// The checksum of PNG chunks (ISO/IEC 15948, annex D).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { remainder, _ in
            remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
        }
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            ~bytes.reduce(0xFFFF_FFFF) { remainder, byte in
                table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ remainder >> 8
            }
        }
    }
}
