/// How stored rows and columns are arranged in the displayed image: the EXIF tag Orientation (CIPA DC-008, 4.6.5; TIFF 6.0,
/// "Orientation").
enum Orientation: Int, CaseIterable {
    case upright = 1
    case mirrored = 2
    case rotatedHalf = 3
    case flipped = 4
    case transposed = 5
    case rotatedRight = 6
    case transversed = 7
    case rotatedLeft = 8

    /// Whether stored rows are displayed as columns.
    var swapsSides: Bool { rawValue >= 5 }

    /// Whether a displayed row reverses a stored row or column.
    private var walksRowsBackwards: Bool { [.mirrored, .rotatedHalf, .rotatedRight, .transversed].contains(self) }

    /// Whether a displayed column reverses a stored column or row.
    private var walksColumnsBackwards: Bool {
        [.rotatedHalf, .flipped, .transversed, .rotatedLeft].contains(self)
    }

    /// The displayed image of a stored one.
    func apply(to image: Image) -> Image {
        guard self != .upright else { return image }
        let (width, height) = swapsSides ? (image.height, image.width) : (image.width, image.height)
        let (pixelStride, rowStride) = (3, 3 * image.width)
        // Strides through the stored bytes for a step right and a step down in the displayed image.
        let right = (swapsSides ? rowStride : pixelStride) * (walksRowsBackwards ? -1 : 1)
        let down = (swapsSides ? pixelStride : rowStride) * (walksColumnsBackwards ? -1 : 1)
        let first = (walksRowsBackwards ? -right * (width - 1) : 0) + (walksColumnsBackwards ? -down * (height - 1) : 0)
        let pixels = [UInt8](unsafeUninitializedCapacity: image.pixels.count) { buffer, count in
            image.pixels.withUnsafeBufferPointer { stored in
                guard let source = stored.baseAddress, let target = buffer.baseAddress else { return }
                Orientation.copy(source + first, right, down, to: target, width: width, height: height)
                count = stored.count
            }
        }
        return Image(uncheckedWidth: width, height: height, pixels: pixels)
    }

    /// Copies tile by tile, so that the next pixels of stored rows are still in the cache when they are needed.
    private static func copy(
        _ source: UnsafePointer<UInt8>, _ right: Int, _ down: Int, to target: UnsafeMutablePointer<UInt8>, width: Int,
        height: Int
    ) {
        let tile = 64
        for top in stride(from: 0, to: height, by: tile) {
            for left in stride(from: 0, to: width, by: tile) {
                let columns = min(tile, width - left)
                for row in top..<min(top + tile, height) {
                    var pixel = source + row * down + left * right
                    var place = target + (row * width + left) * 3
                    for _ in 0..<columns {
                        place[0] = pixel[0]
                        place[1] = pixel[1]
                        place[2] = pixel[2]
                        pixel += right
                        place += 3
                    }
                }
            }
        }
    }
}

/// The orientation in EXIF data, the only field that concerns the pixels.
enum EXIF {
    /// The six bytes before EXIF data in a JPEG file. Some programs also write them in other formats.
    static let prefix: StaticString = "Exif\0\0"

    private static let orientationTag = 0x0112
    private static let entryByteCount = 12

    /// The orientation in the first directory of EXIF data, which are a TIFF file (TIFF 6.0, section 2). If it is missing or
    /// damaged, the image is upright, as in viewers.
    static func orientation(_ data: UnsafeRawBufferPointer) -> Orientation {
        var data = data
        while data.holds(prefix) { data = UnsafeRawBufferPointer(rebasing: data.dropFirst(6)) }
        let order: UnsafeRawBufferPointer.ByteOrder
        if data.holds("II*\0") {
            order = .littleEndian
        } else if data.holds("MM\0*") {
            order = .bigEndian
        } else {
            return .upright
        }
        guard let directory = data.number(at: 4, byteCount: 4, order),
            let entryCount = data.number(at: directory, byteCount: 2, order)
        else { return .upright }
        var orientation = Orientation.upright
        for index in 0..<entryCount {
            // Offsets are below 2^32 and entries below 2^16: no sum overflows.
            let place = directory + 2 + index * entryByteCount
            guard let entry = data.part(at: place, count: entryByteCount) else { break }
            guard entry.number(at: 0, byteCount: 2, order) == orientationTag else { continue }
            // If the tag occurs twice, the last counts, as in Pillow.
            orientation = value(of: entry, order).flatMap { Orientation(rawValue: $0) } ?? .upright
        }
        return orientation
    }

    /// The value of an entry of a single BYTE, SHORT or LONG.
    private static func value(of entry: UnsafeRawBufferPointer, _ order: UnsafeRawBufferPointer.ByteOrder) -> Int? {
        guard entry.number(at: 4, byteCount: 4, order) == 1 else { return nil }
        switch entry.number(at: 2, byteCount: 2, order) {
        case 1: return entry.number(at: 8, byteCount: 1, order)
        case 3: return entry.number(at: 8, byteCount: 2, order)
        case 4: return entry.number(at: 8, byteCount: 4, order)
        default: return nil
        }
    }
}
