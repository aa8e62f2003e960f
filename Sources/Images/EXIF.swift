/// The one field of EXIF data that concerns the pixels.
enum EXIF {
    /// The six bytes before EXIF data in a JPEG file. Some programs write them in other formats, too.
    static let prefix: StaticString = "Exif\0\0"

    private static let orientationTag = 0x0112
    private static let entryByteCount = 12

    /// The orientation that EXIF data tell: a TIFF file (TIFF 6.0, section 2) whose first directory has it. Data that
    /// are damaged or do not say tell that the image is upright, which is what viewers make of them.
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
            // Should the tag come twice, the last counts, as in Pillow.
            orientation = value(of: entry, order).flatMap { Orientation(rawValue: $0) } ?? .upright
        }
        return orientation
    }

    /// The single whole number that an entry holds itself; the types are BYTE, SHORT and LONG.
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
