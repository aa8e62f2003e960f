import FileSystem

/// What a file of `ProgramBinaryStore` holds: a header, the text of the key, and the binary.
///
/// The header is made of everything else, so a file is as it should be if it begins with the header that its contents
/// would be written with.
enum ProgramBinaryFile {
    /// To be raised when the layout changes.
    private static let version: UInt64 = 2
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
        [0 as UInt64, 1].map { seed in
            var checksum = Checksum()
            checksum.add(seed)
            checksum.add(key)
            return checksum.value.hexadecimal
        }.joined()
    }

    private static func header(_ binary: ArraySlice<UInt8>, key: String) -> [UInt8] {
        [magic, version, UInt64(key.utf8.count), UInt64(binary.count), checksum(binary)].flatMap { word in
            withUnsafeBytes(of: word.littleEndian) { Array($0) }
        }
    }

    private static func checksum(_ binary: ArraySlice<UInt8>) -> UInt64 {
        var checksum = Checksum()
        binary.withUnsafeBytes { checksum.add($0) }
        return checksum.value
    }
}

extension UInt64 {
    /// The number that up to eight bytes stand for, lowest first.
    fileprivate init(littleEndianBytes bytes: some Sequence<UInt8>) {
        self = bytes.enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * $1.offset) }
    }
}
