/// The chunks of a WebP file (RFC 9649, section 2): a RIFF header, then chunks that have a type of four letters, a
/// length, data and, after an odd number of these, a byte of padding.
struct WebPStructure {
    /// A frame: a whole image, or the first of an animation.
    struct Frame {
        /// The chunk of type "VP8 " or "VP8L", header included.
        let bitstream: UnsafeRawBufferPointer

        /// Where the frame lies on the canvas, and its size; nil for an image that is not animated.
        let place: (left: Int, top: Int, width: Int, height: Int)?
    }

    /// How the file ends.
    enum End: Equatable {
        case sound
        case withoutPadding
        case early
        case trailing(Int)
    }

    private static let headerByteCount = 12
    private static let chunkHeaderByteCount = 8

    /// The first frame that is wholly there.
    private(set) var frame: Frame?

    /// The size of the canvas, if the file tells it apart from the frames'.
    private(set) var canvas: (width: Int, height: Int)?

    /// The EXIF data.
    private(set) var exif: UnsafeRawBufferPointer?

    private(set) var end = End.sound

    init(_ data: UnsafeRawBufferPointer) {
        let size = data.number(at: 4, byteCount: 4, .littleEndian) ?? 0
        let declared = WebPStructure.chunkHeaderByteCount + size
        let rest = WebPStructure.walk(data.prefix(declared), from: WebPStructure.headerByteCount) { chunk in
            add(chunk)
        }
        if rest > 0 || rest < -1 || data.count < declared - 1 {
            end = .early
        } else if data.count > declared {
            end = .trailing(data.count - declared)
        } else if rest == -1 || data.count < declared {
            end = rest == -1 ? .withoutPadding : .early
        }
    }

    /// Takes in a chunk of the file, header included.
    private mutating func add(_ chunk: UnsafeRawBufferPointer) {
        let data = UnsafeRawBufferPointer(rebasing: chunk.dropFirst(WebPStructure.chunkHeaderByteCount))
        if chunk.holds("VP8X"), canvas == nil, data.count >= 10 {
            canvas = (
                1 + (data.number(at: 4, byteCount: 3, .littleEndian) ?? 0),
                1 + (data.number(at: 7, byteCount: 3, .littleEndian) ?? 0)
            )
        } else if chunk.holds("VP8 ") || chunk.holds("VP8L"), frame == nil {
            frame = Frame(bitstream: chunk, place: nil)
        } else if chunk.holds("ANMF"), frame == nil {
            frame = WebPStructure.animationFrame(data)
        } else if chunk.holds("EXIF"), exif == nil {
            exif = data
        }
    }

    /// A frame of an animation: its place, how it is shown, and chunks of its own.
    private static func animationFrame(_ data: UnsafeRawBufferPointer) -> Frame? {
        let numbers = stride(from: 0, to: 12, by: 3).compactMap { data.number(at: $0, byteCount: 3, .littleEndian) }
        guard numbers.count == 4 else { return nil }
        var bitstream: UnsafeRawBufferPointer?
        _ = walk(data[...], from: 16) { chunk in
            if bitstream == nil, chunk.holds("VP8 ") || chunk.holds("VP8L") { bitstream = chunk }
        }
        return bitstream.map {
            Frame(bitstream: $0, place: (2 * numbers[0], 2 * numbers[1], 1 + numbers[2], 1 + numbers[3]))
        }
    }

    /// Calls `body` with each chunk that is wholly there, header included but without its padding.
    ///
    /// - Returns: how many bytes at the end are no whole chunk, or -1 if the last chunk lacks its byte of padding.
    private static func walk(
        _ data: Slice<UnsafeRawBufferPointer>, from start: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Int {
        let data = UnsafeRawBufferPointer(rebasing: data)
        var position = start
        while let size = data.number(at: position + 4, byteCount: 4, .littleEndian),
            let chunk = data.part(at: position, count: chunkHeaderByteCount + size)
        {
            body(chunk)
            position += chunk.count + size % 2
        }
        return data.count - position
    }
}
