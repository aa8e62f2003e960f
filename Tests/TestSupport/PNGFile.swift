/// Images as PNG files, uncompressed.
package enum PNGFile {
    /// - Parameter pixels: red, green and blue of each pixel, in rows from the top.
    package static func bytes(width: Int, height: Int, pixels: [UInt8]) -> [UInt8] {
        var rows: [UInt8] = []
        for row in 0..<height {
            // Each begins with its filter: none.
            rows.append(0)
            rows += pixels[3 * width * row..<3 * width * (row + 1)]
        }
        var header = bigEndian(UInt32(width)) + bigEndian(UInt32(height))
        header += [8, 2, 0, 0, 0]
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        for (type, contents) in [("IHDR", header), ("IDAT", zlib(rows)), ("IEND", [])] {
            file += chunk(type, contents)
        }
        return file
    }

    private static func chunk(_ type: String, _ contents: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + contents
        var chunk = bigEndian(UInt32(contents.count))
        chunk += body
        chunk += bigEndian(checksum(body))
        return chunk
    }

    /// Stored blocks of at most 65535 bytes (RFC 1950 and 1951).
    private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x78, 0x01]
        let largest = 65_535
        for start in stride(from: 0, to: bytes.count, by: largest) {
            let part = bytes[start..<min(start + largest, bytes.count)]
            let count = UInt16(part.count)
            let isLast = start + largest >= bytes.count
            result.append(isLast ? 1 : 0)
            for value in [count, ~count] {
                result.append(UInt8(value & 0xFF))
                result.append(UInt8(value >> 8))
            }
            result += part
        }
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return result + bigEndian(high << 16 | low)
    }

    /// CRC-32.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value = UInt32.max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { (shift: UInt32) in UInt8(truncatingIfNeeded: value >> shift) }
    }
}
