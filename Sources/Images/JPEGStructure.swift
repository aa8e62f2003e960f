import Foundation

/// The marker segments of a JPEG file, read before decoding (ITU-T T.81, annex B).
///
/// The decoder only reports its first warning, so it would miss a truncation after a harmless irregularity. Therefore the
/// end-of-image marker is looked for here.
struct JPEGStructure {
    /// The size in the first frame header; 0 x 0 without one.
    private(set) var width = 0
    private(set) var height = 0

    /// Whether the first frame is Huffman coded (otherwise it is arithmetically coded).
    private(set) var isHuffmanCoded = true

    /// Whether the end-of-image marker was reached.
    private(set) var isComplete = false

    /// Whether a file without an end-of-image marker ends within the entropy-coded data of a scan.
    private(set) var endsInScan = false

    /// The EXIF data in the first such segment before the first scan; valid as long as the file's bytes.
    private(set) var exif: UnsafeRawBufferPointer?

    /// The coefficients in the scans, if requested.
    private(set) var coverage = JPEGScanCoverage()

    /// - Parameter coversScans: Whether to find the ``coverage``, which takes longer than all the rest.
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

    /// Skips the next marker and returns its code. Entropy-coded data need no special treatment: there, a 0xFF byte is
    /// followed by zero or by the code of a restart marker.
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

/// Which coefficients of a JPEG image the scans contain, and how precisely (ITU-T T.81, B.2.2 and B.2.3): progressive files
/// refine them scan by scan, others have whole components in each scan.
struct JPEGScanCoverage {
    private static let coefficientCount = 64

    /// The lowest bit sent of each coefficient, or nil if none is, by the identifiers of the components.
    private var lowestBits: [UInt8: [Int?]] = [:]

    /// Whether the scans contain every coefficient of every component to its last bit.
    var isComplete: Bool {
        !lowestBits.isEmpty && lowestBits.values.allSatisfy { bits in bits.allSatisfy { $0 == 0 } }
    }

    /// Adds a frame header, starting with its length.
    mutating func addFrame(_ segment: UnsafeRawBufferPointer) {
        guard let componentCount = segment.number(at: 7, byteCount: 1, .bigEndian) else { return }
        for index in 0..<componentCount where 8 + 3 * index < segment.count {
            lowestBits[segment[8 + 3 * index]] = Array(repeating: nil, count: JPEGScanCoverage.coefficientCount)
        }
    }

    /// Adds a scan header, starting with its length.
    mutating func addScan(_ segment: UnsafeRawBufferPointer) {
        guard let componentCount = segment.number(at: 2, byteCount: 1, .bigEndian),
            let rest = segment.part(at: 3 + 2 * componentCount, count: 3)
        else { return }
        let (first, last, lowestBit) = (Int(rest[0]), Int(rest[1]), Int(rest[2] & 15))
        guard first <= last, last < JPEGScanCoverage.coefficientCount else { return }
        for index in 0..<componentCount {
            for coefficient in first...last { lowestBits[segment[3 + 2 * index]]?[coefficient] = lowestBit }
        }
    }
}
