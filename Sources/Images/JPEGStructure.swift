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

    init(_ data: UnsafeRawBufferPointer) {
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
            guard position + 2 <= data.count else { return }
            let length = JPEGStructure.bigEndian16(data, position)
            if JPEGStructure.isFrameHeader(marker), width == 0, length >= 8, position + 7 <= data.count {
                height = JPEGStructure.bigEndian16(data, position + 3)
                width = JPEGStructure.bigEndian16(data, position + 5)
                isHuffmanCoded = marker < 0xC8
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

    private static func bigEndian16(_ data: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        Int(data[offset]) << 8 | Int(data[offset + 1])
    }
}
