/// What a file of `ProgramBinaryStore` holds: a header, the text of the key, and the binary.
///
/// The header is made of everything else, so a file is as it should be if it begins with the header that its contents
/// would be written with.
enum ProgramBinaryFile {
    /// To be raised when the layout changes.
    private static let version: UInt64 = 1
    private static let magic = UInt64(littleEndianBytes: "AIGCLBIN".utf8)
    static let headerSize = 5 * MemoryLayout<UInt64>.size

    static func contents(_ binary: [UInt8], key: String) -> [UInt8] {
        header(binary[...], key: key) + Array(key.utf8) + binary
    }

    /// The binary in a file's contents; nil if they are damaged, or another key's.
    static func binary(in contents: [UInt8], key: String) -> [UInt8]? {
        let start = headerSize + key.utf8.count
        guard contents.count > start else { return nil }
        let binary = contents[start...]
        guard contents[headerSize..<start].elementsEqual(key.utf8),
            contents[..<headerSize].elementsEqual(header(binary, key: key))
        else { return nil }
        return Array(binary)
    }

    /// 128 bits in hexadecimal. Should two keys share them, their files replace each other, and neither is taken for the
    /// other, as files hold their keys.
    static func name(of key: String) -> String {
        let bytes = Array(key.utf8)
        return [0 as UInt64, 1].map { seed in
            let digits = String(hash(bytes[...], seed: seed), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static func header(_ binary: ArraySlice<UInt8>, key: String) -> [UInt8] {
        [magic, version, UInt64(key.utf8.count), UInt64(binary.count), hash(binary, seed: 0)].flatMap { word in
            withUnsafeBytes(of: word.littleEndian) { Array($0) }
        }
    }

    /// Takes eight bytes at a time, each by a step that can be undone: bytes that differ within one such word never have
    /// the same hash, others hardly ever.
    private static func hash(_ bytes: ArraySlice<UInt8>, seed: UInt64) -> UInt64 {
        var hash = seed &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(bytes.count)
        func step(_ word: UInt64) {
            hash = (hash ^ word) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash >> 32
        }
        bytes.withUnsafeBytes { bytes in
            let whole = bytes.count & ~7
            for offset in stride(from: 0, to: whole, by: 8) {
                step(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            }
            step(UInt64(littleEndianBytes: bytes[whole...]))
        }
        step(0)
        return hash
    }
}

extension UInt64 {
    /// The number that up to eight bytes stand for, lowest first.
    fileprivate init(littleEndianBytes bytes: some Sequence<UInt8>) {
        self = bytes.enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * $1.offset) }
    }
}
