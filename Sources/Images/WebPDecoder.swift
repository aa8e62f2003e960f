import CWebP

/// Decodes WebP files with libwebp, following `PIL.Image.convert("RGB")`: transparency is dropped, and an animation is
/// its first frame on a canvas of transparent black.
enum WebPDecoder {
    /// The most pixels that are made of a file of any length: those of 4096 x 4096 pixels. Beyond, memory is only spent
    /// in proportion to the file.
    private static let freePixelCount = 1 << 24

    /// The most pixels a bit stands for where a symbol takes a bit: the longest copy of earlier pixels (RFC 9649, 5.2.2).
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
        // Lossless pixels of one colour may take no bits at all, nor does a canvas around a frame.
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

    /// The size in the bitstream's header, checked against the limits and against the number of bytes there are.
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
        // that announces more is refused before its image is allocated.
        let isLossy = bitstream.holds("VP8 ")
        guard !isLossy || (width + 15) / 16 * ((height + 15) / 16) <= bitstream.count * 8 else {
            throw .corrupt(name: name, reason: "it is too short for \(width) x \(height) pixels")
        }
        return (width, height)
    }

    /// Decodes a frame into its place on a black canvas, in which it fits.
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
