import CWebP

/// Decodes WebP files with libwebp, following `PIL.Image.convert("RGB")`: transparency is dropped, and an animation is
/// its first frame on a canvas of transparent black.
enum WebPDecoder {
    /// Maximum number of pixels of a file of any length, 4096 x 4096. Beyond that, memory must be in proportion to the size of
    /// the file.
    private static let freePixelCount = 1 << 24

    /// Maximum number of pixels per bit: the longest copy of earlier pixels (RFC 9649, 5.2.2).
    private static let pixelsPerBit = 4096

    static func decode(
        _ data: UnsafeRawBufferPointer, name: String, strictness: ImageReadingOptions.Strictness
    ) throws(ImageError) -> DecodedFile {
        let structure = WebPStructure(data)
        if let canvas = structure.canvas {
            try Image.checkSize(width: canvas.width, height: canvas.height, name: name)
        }
        guard let frame = structure.frame else {
            throw .corrupt(
                name: name, reason: structure.end == .early ? "the file ends early" : "it holds no picture")
        }
        let warnings = warnings(structure.end, name: name)
        if strictness == .strict, let warning = warnings.first { throw warning.error }

        let size = try size(of: frame.bitstream, name: name)
        let canvas = structure.canvas ?? size
        let place = frame.place ?? (left: 0, top: 0, width: canvas.width, height: canvas.height)
        guard place.width == size.width, place.height == size.height, place.left + place.width <= canvas.width,
            place.top + place.height <= canvas.height
        else {
            throw .corrupt(name: name, reason: "the size of its pixels is not the one it announces")
        }
        // Lossless pixels of a single colour may take no bits, and the canvas around a frame takes none.
        guard canvas.width * canvas.height <= max(freePixelCount, data.count * 8 * pixelsPerBit) else {
            throw .unsupported(
                name: name,
                reason: "\(canvas.width) x \(canvas.height) pixels, nearly all alike, in \(data.count) bytes")
        }
        let image = try decodePixels(frame.bitstream, size, left: place.left, top: place.top, on: canvas, name: name)
        return DecodedFile(
            image: image, orientation: structure.exif.map { EXIF.orientation($0) } ?? .upright, warnings: warnings)
    }

    private static func warnings(_ end: WebPStructure.End, name: String) -> [ImageWarning] {
        switch end {
        case .sound: []
        case .withoutPadding: [.damagedEnd(name: name, reason: "the last byte, which is padding, is missing")]
        case .early: [.damagedEnd(name: name, reason: "the file ends early, after the picture")]
        case .trailing(let count): [.trailingBytes(name: name, count: count)]
        }
    }

    /// The size in the header of the bitstream, checked against the limits and the number of bytes.
    private static func size(
        of bitstream: UnsafeRawBufferPointer, name: String
    ) throws(ImageError) -> (width: Int, height: Int) {
        var features = WebPBitstreamFeatures()
        try check(
            WebPGetFeatures(bitstream.bindMemory(to: UInt8.self).baseAddress, bitstream.count, &features), name: name)
        let (width, height) = (Int(features.width), Int(features.height))
        guard width > 0, height > 0 else { throw .corrupt(name: name, reason: "it has no size") }
        try Image.checkSize(width: width, height: height, name: name)
        // The kind of prediction of each block of 16 x 16 pixels takes more than a bit (RFC 6386, 11.2): a lossy header
        // that declares more is refused before the image is allocated.
        let isLossy = bitstream.holds("VP8 ")
        guard !isLossy || (width + 15) / 16 * ((height + 15) / 16) <= bitstream.count * 8 else {
            throw .corrupt(name: name, reason: "it is too short for \(width) x \(height) pixels")
        }
        return (width, height)
    }

    /// Decodes a frame to its place on a black canvas, which contains it.
    private static func decodePixels(
        _ bitstream: UnsafeRawBufferPointer, _ size: (width: Int, height: Int), left: Int, top: Int,
        on canvas: (width: Int, height: Int), name: String
    ) throws(ImageError) -> Image {
        var config = WebPDecoderConfig()
        guard WebPInitDecoderConfig(&config) != 0 else {
            throw .unsupported(name: name, reason: "the libwebp that is installed is not the one this was built for")
        }
        let byteCount = canvas.width * canvas.height * 3
        let first = (top * canvas.width + left) * 3
        var status = VP8_STATUS_OUT_OF_MEMORY
        let pixels = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            if size != canvas { buffer.update(repeating: 0) }
            config.output.colorspace = MODE_RGB
            config.output.is_external_memory = 1
            config.output.u.RGBA.rgba = base + first
            config.output.u.RGBA.stride = Int32(canvas.width * 3)
            config.output.u.RGBA.size = byteCount - first
            status = WebPDecode(bitstream.bindMemory(to: UInt8.self).baseAddress, bitstream.count, &config)
            WebPFreeDecBuffer(&config.output)
            if status == VP8_STATUS_OK { count = byteCount }
        }
        try check(status, name: name)
        return Image(uncheckedWidth: canvas.width, height: canvas.height, pixels: pixels)
    }

    private static func check(_ status: VP8StatusCode, name: String) throws(ImageError) {
        switch status {
        case VP8_STATUS_OK: return
        case VP8_STATUS_OUT_OF_MEMORY: throw .unsupported(name: name, reason: "the WebP decoder runs out of memory")
        case VP8_STATUS_UNSUPPORTED_FEATURE:
            throw .unsupported(name: name, reason: "the WebP decoder does not know a part of it")
        case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED:
            throw .corrupt(name: name, reason: "the file ends early")
        default: throw .corrupt(name: name, reason: "its WebP data cannot be decoded")
        }
    }
}

/// The chunks of a WebP file (RFC 9649, section 2): a RIFF header, then chunks that have a type of four letters, a
/// length, data and, after an odd number of these, a byte of padding.
struct WebPStructure {
    /// A frame: a whole image, or the first frame of an animation.
    struct Frame {
        /// The chunk of type "VP8 " or "VP8L", header included.
        let bitstream: UnsafeRawBufferPointer

        /// The frame's position on the canvas and its size; nil for an image that is not animated.
        let place: (left: Int, top: Int, width: Int, height: Int)?
    }

    /// The end of the file.
    enum End: Equatable {
        case sound
        case withoutPadding
        case early
        case trailing(Int)
    }

    private static let headerByteCount = 12
    private static let chunkHeaderByteCount = 8

    /// The first complete frame.
    private(set) var frame: Frame?

    /// The size of the canvas, if the file declares one.
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

    /// Adds a chunk of the file, including its header.
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

    /// A frame of an animation, from its position, its flags and its own chunks.
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

    /// Calls `body` with each complete chunk, including its header but not its padding.
    ///
    /// - Returns: The number of bytes after the last complete chunk, or -1 if that lacks its byte of padding.
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
