/// Reading numbers and parts of encoded files. Nothing is assumed of an offset: it may come from the file itself.
extension UnsafeRawBufferPointer {
    /// The order of a number's bytes.
    enum ByteOrder: Sendable {
        case bigEndian, littleEndian
    }

    /// The unsigned number of `byteCount` (1 to 4) bytes at `offset`, or nil if they are not all there.
    func number(at offset: Int, byteCount: Int, _ order: ByteOrder) -> Int? {
        guard let bytes = part(at: offset, count: byteCount) else { return nil }
        return switch order {
        case .bigEndian: bytes.reduce(0) { $0 << 8 | Int($1) }
        case .littleEndian: bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        }
    }

    /// The `count` bytes at `offset`, or nil if they are not all there.
    func part(at offset: Int, count: Int) -> UnsafeRawBufferPointer? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
        return UnsafeRawBufferPointer(rebasing: self[offset..<(offset + count)])
    }

    /// Whether the bytes at `offset` are those of an ASCII text.
    func holds(_ text: StaticString, at offset: Int = 0) -> Bool {
        guard let bytes = part(at: offset, count: text.utf8CodeUnitCount) else { return false }
        return text.withUTF8Buffer { bytes.elementsEqual($0) }
    }
}
