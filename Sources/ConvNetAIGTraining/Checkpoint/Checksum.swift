import ConvNetAIG

/// Fowler, Noll and Vo's hash (FNV-1a), taking eight bytes at a time. Finds damage, and no forgery.
struct Checksum {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        let whole = bytes.count / 8 * 8
        for offset in stride(from: 0, to: whole, by: 8) {
            add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        for offset in whole..<bytes.count { add(UInt64(bytes[offset])) }
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
        add(UInt64(text.utf8.count))
    }

    mutating func add(_ name: String, _ tensor: Tensor) {
        add(name)
        add("\(tensor.shape)")
        tensor.withUnsafeFloats { add(UnsafeRawBufferPointer($0)) }
    }

    /// Each step can be undone, so that no single change of the data goes unnoticed.
    private mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x100_0000_01B3
        // What would only reach the upper bits reaches the lower ones too.
        value ^= value >> 32
    }
}
