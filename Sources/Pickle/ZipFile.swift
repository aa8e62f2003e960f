import FileSystem

/// The entries of a zip archive as `torch.save` writes it: not compressed, so that each is a range of the file. ZIP64, which
/// checkpoints above 4 GB use, is read too.
///
/// The format is described in PKWARE's APPNOTE.TXT 6.3.10.
struct ZipFile {
    struct Entry {
        fileprivate let headerOffset: Int
        fileprivate let size: Int
        fileprivate let method: UInt16
        fileprivate let isEncrypted: Bool
    }

    let path: String
    private let file: MappedFile
    /// The entries by name; of several entries of one name the last, as in Python.
    let entries: [String: Entry]

    private static let endSignature: UInt32 = 0x0605_4B50
    private static let entrySignature: UInt32 = 0x0201_4B50
    private static let localSignature: UInt32 = 0x0403_4B50

    /// Reads the directory at the end of the archive.
    init(path: String, file: MappedFile) throws(TorchFileError) {
        self.path = path
        self.file = file
        let bytes = ZipBytes(path: path, file: file)
        let directory = try Self.directory(bytes)
        var entries: [String: Entry] = [:]
        var position = directory.offset
        for _ in 0..<directory.count {
            guard try bytes.number(UInt32.self, at: position) == Self.entrySignature else {
                throw bytes.malformed("its directory is damaged")
            }
            let flags = try bytes.number(UInt16.self, at: position + 8)
            let nameLength = Int(try bytes.number(UInt16.self, at: position + 28))
            let extraLength = Int(try bytes.number(UInt16.self, at: position + 30))
            let commentLength = Int(try bytes.number(UInt16.self, at: position + 32))
            let name = try bytes.range(position + 46, count: nameLength)
            let sizes = try Self.sizes(bytes, entry: position, extra: name.upperBound, extraLength)
            entries[String(decoding: file.bytes[name], as: UTF8.self)] = Entry(
                headerOffset: sizes.headerOffset, size: sizes.size,
                method: try bytes.number(UInt16.self, at: position + 10), isEncrypted: flags & 1 != 0)
            position = name.upperBound + extraLength + commentLength
        }
        self.entries = entries
    }

    /// The range of the file that has an entry's contents; nil if there is no entry of that name.
    func contents(_ name: String) throws(TorchFileError) -> Range<Int>? {
        guard let entry = entries[name] else { return nil }
        let bytes = ZipBytes(path: path, file: file)
        guard !entry.isEncrypted else { throw .unsupported(path: path, problem: "its entries are encrypted") }
        guard entry.method == 0 else {
            throw .unsupported(
                path: path, problem: "compressed entries are not read; save it anew with torch.save")
        }
        guard try bytes.number(UInt32.self, at: entry.headerOffset) == Self.localSignature else {
            throw bytes.malformed("its entry \(name.prefix(200)) is not where its directory says")
        }
        let nameLength = Int(try bytes.number(UInt16.self, at: entry.headerOffset + 26))
        let extraLength = Int(try bytes.number(UInt16.self, at: entry.headerOffset + 28))
        return try bytes.range(entry.headerOffset + 30 + nameLength + extraLength, count: entry.size)
    }

    /// The directory's offset and number of entries.
    private static func directory(_ bytes: ZipBytes) throws(TorchFileError) -> (offset: Int, count: Int) {
        // A comment of up to 65535 bytes may follow the end record.
        let last = bytes.count - 22
        var found: Int?
        if last >= 0 {
            for position in stride(from: last, through: max(0, last - 0xFFFF), by: -1)
            where try bytes.number(UInt32.self, at: position) == endSignature {
                found = position
                break
            }
        }
        guard let end = found else {
            throw bytes.malformed("it is cut short: an archive's directory, its end, is missing")
        }
        let count = Int(try bytes.number(UInt16.self, at: end + 10))
        let offset = Int(try bytes.number(UInt32.self, at: end + 16))
        guard count == 0xFFFF || offset == 0xFFFF_FFFF else { return (offset, count) }
        // ZIP64: a locator before the end record has the offset of the larger end record.
        guard end >= 20, try bytes.number(UInt32.self, at: end - 20) == 0x0706_4B50 else { return (offset, count) }
        let large = try bytes.integer(at: end - 12)
        guard try bytes.number(UInt32.self, at: large) == 0x0606_4B50 else {
            throw bytes.malformed("its directory is damaged")
        }
        // An entry has at least 46 bytes, so reading entries ends with the file, whatever number is claimed.
        return (try bytes.integer(at: large + 48), try bytes.integer(at: large + 32))
    }

    /// The size and the offset of an entry, which are in its extra field if they exceed 32 bits.
    private static func sizes(
        _ bytes: ZipBytes, entry: Int, extra: Int, _ extraLength: Int
    ) throws(TorchFileError) -> (size: Int, headerOffset: Int) {
        var size = Int(try bytes.number(UInt32.self, at: entry + 24))
        var offset = Int(try bytes.number(UInt32.self, at: entry + 42))
        let isLarge = try bytes.number(UInt32.self, at: entry + 20) == UInt32.max
        guard size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF else { return (size, offset) }
        let range = try bytes.range(extra, count: extraLength)
        var position = range.lowerBound
        while range.upperBound - position >= 4 {
            let length = Int(try bytes.number(UInt16.self, at: position + 2))
            guard length <= range.upperBound - position - 4 else { throw bytes.malformed("its directory is damaged") }
            if try bytes.number(UInt16.self, at: position) == 1 {
                // It has only the numbers that exceed 32 bits, in this order: size, compressed size, offset.
                var next = position + 4
                if size == 0xFFFF_FFFF {
                    size = try bytes.integer(at: next)
                    next += 8
                }
                if isLarge { next += 8 }
                if offset == 0xFFFF_FFFF { offset = try bytes.integer(at: next) }
                break
            }
            position += 4 + length
        }
        return (size, offset)
    }
}

/// Reads numbers at any position, which may be beyond the end of the file.
private struct ZipBytes {
    let path: String
    let file: MappedFile

    var count: Int { file.bytes.count }

    func malformed(_ problem: String) -> TorchFileError { .malformed(path: path, problem: problem) }

    func range(_ start: Int, count: Int) throws(TorchFileError) -> Range<Int> {
        guard start >= 0, count >= 0, start <= self.count, count <= self.count - start else {
            throw malformed("it is cut short, or its directory is damaged")
        }
        return start..<(start + count)
    }

    func number<Number: FixedWidthInteger>(_ type: Number.Type, at position: Int) throws(TorchFileError) -> Number {
        let range = try range(position, count: MemoryLayout<Number>.size)
        return Number(littleEndian: file.bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: type))
    }

    /// A 64-bit number of bytes or entries.
    func integer(at position: Int) throws(TorchFileError) -> Int {
        guard let value = Int(exactly: try number(UInt64.self, at: position)), value <= Int.max / 2 else {
            throw malformed("its directory is damaged")
        }
        return value
    }
}
