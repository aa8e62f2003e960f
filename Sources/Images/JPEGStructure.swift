import Foundation

/// What the sequence of markers tells about a JPEG file before anything is decoded (ITU-T T.81, annex B).
///
/// The decoder only reports its first warning, so a truncation behind a harmless oddity would go unnoticed;
/// whether the end-of-image marker is there is therefore looked up here.
struct JPEGStructure {
    /// The size in the first frame header; 0 x 0 without one.
    private(set) var width = 0
    private(set) var height = 0

    /// Whether the first frame is Huffman coded (otherwise it is arithmetically coded).
    private(set) var isHuffmanCoded = true

    /// Whether the end-of-image marker was reached.
    private(set) var isComplete = false

    /// Whether the file, if it has no end-of-image marker, ends within the entropy-coded data of a scan.
    private(set) var endsInScan = false

    /// The EXIF data of the first segment that holds some before the first scan; the file's bytes outlive it.
    private(set) var exif: UnsafeRawBufferPointer?

    /// What the scans that were begun hold, if that was asked for.
    private(set) var coverage = JPEGScanCoverage()

    /// - Parameter coversScans: Whether ``coverage`` is wanted, which takes longer than all the rest.
    init(_ data: UnsafeRawBufferPointer, coversScans: Bool = false) {
        var position = 2
        while let marker = JPEGStructure.nextMarker(in: data, from: &position) {
            switch marker {
            case 0xD9:
                isComplete = true
                return
            case 0x01, 0xD0...0xD8:
                continue
            default:
                break
            }
            endsInScan = false
            guard let length = data.number(at: position, byteCount: 2, .bigEndian) else { return }
            let segment = data.part(at: position, count: length)
            if JPEGStructure.isFrameHeader(marker), width == 0, length >= 8, position + 7 <= data.count {
                height = data.number(at: position + 3, byteCount: 2, .bigEndian) ?? 0
                width = data.number(at: position + 5, byteCount: 2, .bigEndian) ?? 0
                isHuffmanCoded = marker < 0xC8
                if coversScans, let segment { coverage.addFrame(segment) }
            } else if marker == 0xE1, exif == nil, let segment, segment.holds(EXIF.prefix, at: 2) {
                exif = UnsafeRawBufferPointer(rebasing: segment.dropFirst(2))
            } else if marker == 0xDA, let segment {
                if coversScans { coverage.addScan(segment) }
                endsInScan = true
            }
            position += max(length, 2)
        }
    }

    /// Moves behind the next marker and returns its code. Entropy-coded data need no special treatment:
    /// within it a 0xFF byte is followed by zero, or by the code of a restart marker.
    private static func nextMarker(in data: UnsafeRawBufferPointer, from position: inout Int) -> UInt8? {
        guard let base = data.baseAddress else { return nil }
        while position < data.count {
            guard let found = memchr(base + position, 0xFF, data.count - position) else { return nil }
            position = UnsafeRawPointer(found) - base
            while position < data.count, data[position] == 0xFF { position += 1 }
            guard position < data.count else { return nil }
            let marker = data[position]
            position += 1
            if marker != 0 { return marker }
        }
        return nil
    }

    /// SOF0 to SOF15, without the Huffman table (C4), the reserved (C8) and the arithmetic table (CC)
    /// markers.
    private static func isFrameHeader(_ marker: UInt8) -> Bool {
        (0xC0...0xCF).contains(marker) && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
    }
}
