/// A 64-bit checksum in the manner of Fowler, Noll and Vo's FNV-1a, which takes eight bytes at a time. It detects damage, but
/// not forgery.
package struct Checksum: Sendable {
    /// The checksum of everything added so far.
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    /// Adds bytes. The checksum depends on how they are divided among calls.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        let whole = bytes.count / 8 * 8
        for offset in stride(from: 0, to: whole, by: 8) {
            add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        for offset in whole..<bytes.count { add(UInt64(bytes[offset])) }
    }

    /// Adds the UTF-8 bytes of a text, and then their number.
    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
        add(UInt64(text.utf8.count))
    }

    /// Adds a number.
    ///
    /// Each step can be inverted, so that no single change of the data goes unnoticed.
    package mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x100_0000_01B3
        // Carries changes of the upper bits to the lower ones too.
        value ^= value >> 32
    }
}

extension UInt64 {
    /// Sixteen hexadecimal digits.
    package var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
