/// The chunks of a PNG file (ISO/IEC 15948, 5.3): each has a length, a type, data and a check sum.
struct PNGStructure {
    /// A chunk that is wholly there.
    struct Chunk {
        /// The four letters.
        let type: String

        /// The length, type, data and check sum.
        let bytes: UnsafeRawBufferPointer

        var data: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[8..<(bytes.count - 4)]) }

        /// Chunks whose type begins with a small letter hold nothing that the pixels need.
        var isAncillary: Bool { type.utf8.first.map { $0 & 0x20 != 0 } ?? false }

        var hasRightChecksum: Bool {
            let checked = UnsafeRawBufferPointer(rebasing: bytes[4..<(bytes.count - 4)])
            return bytes.number(at: bytes.count - 4, byteCount: 4, .bigEndian) == Int(CRC32.checksum(checked))
        }
    }

    private static let endType = "IEND"

    /// What an end chunk looks like, which has no data.
    private static let endChunk: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]

    private let data: UnsafeRawBufferPointer

    /// The chunks from the first on, up to the end chunk, the end of the file or bytes that are no chunk.
    let chunks: [Chunk]

    /// Where the last of ``chunks`` ends.
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

    /// Whether the chunks are all there, up to the end chunk.
    var isComplete: Bool { chunks.last?.type == PNGStructure.endType }

    /// The orientation in the first EXIF chunk that is sound, wherever it is.
    var orientation: Orientation {
        chunks.first { $0.type == "eXIf" && $0.hasRightChecksum }.map { EXIF.orientation($0.data) } ?? .upright
    }

    /// A file of the chunks that the pixels need, as they are, and a sound end chunk.
    var withoutAncillaryChunks: [UInt8] {
        var file = Array(data.prefix(ImageFormat.png.signature.count))
        for chunk in chunks where !chunk.isAncillary && chunk.type != PNGStructure.endType { file += chunk.bytes }
        return file + PNGStructure.endChunk
    }

    /// What is wrong with the chunks that the pixels do not need, and with the end of the file.
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
