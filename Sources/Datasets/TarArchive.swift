import Foundation

/// A tar archive (POSIX ustar, with GNU and pax long names), memory-mapped: its files can be read in any order without
/// unpacking it.
public struct TarArchive: Sendable {
    /// A regular file of the archive.
    public struct Entry: Sendable, Hashable {
        /// Path inside the archive, without a leading `./`.
        public let path: String
        /// Where its bytes lie in the archive.
        public let range: Range<Int>
    }

    public let path: String
    /// The regular files, in the order of the archive.
    public let entries: [Entry]
    private let data: Data

    private static let blockSize = 512

    /// Reads the archive's table of contents.
    /// - Throws: ``DataSetError`` if the file cannot be read or ends early.
    public init(path: String) throws {
        self.path = path
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch {
            throw DataSetError.unreadable(path: path, reason: error.localizedDescription)
        }
        entries = try data.withUnsafeBytes { try Self.entries(UnsafeRawBufferPointer($0), path: path) }
    }

    /// The bytes of a file.
    public func contents(of entry: Entry) -> [UInt8] {
        data.withUnsafeBytes { [UInt8]($0[entry.range]) }
    }

    private static func entries(_ bytes: UnsafeRawBufferPointer, path: String) throws -> [Entry] {
        var entries: [Entry] = []
        var offset = 0
        var longName: String?
        while true {
            guard bytes.count - offset >= blockSize else {
                // An archive ends with two blocks of zeros; those cut off with nothing after the last file are no loss.
                guard bytes.count == offset, !entries.isEmpty else {
                    throw DataSetError.malformedArchive(path: path, problem: "it ends within a header")
                }
                return entries
            }
            let header = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + blockSize])
            if header.allSatisfy({ $0 == 0 }) { return entries }
            guard let sum = octal(header[148..<156]), sum == checksum(header) else {
                throw DataSetError.malformedArchive(path: path, problem: "the header at byte \(offset) is damaged")
            }
            guard let size = size(header[124..<136]), size <= bytes.count - offset - blockSize else {
                throw DataSetError.malformedArchive(path: path, problem: "the file at byte \(offset) is cut short")
            }
            let contents = offset + blockSize..<offset + blockSize + size
            let kind = header[156]
            switch kind {
            case UInt8(ascii: "L"):
                longName = text(bytes[contents])
            case UInt8(ascii: "x"):
                longName = paxPath(bytes[contents]) ?? longName
            case UInt8(ascii: "0"), 0:
                let name = longName ?? ustarName(header)
                entries.append(Entry(path: name.hasPrefix("./") ? String(name.dropFirst(2)) : name, range: contents))
                longName = nil
            default:
                longName = nil
            }
            let (padded, overflows) = (size + blockSize - 1).subtractingReportingOverflow(
                (size + blockSize - 1) % blockSize)
            guard !overflows, offset + blockSize + padded <= bytes.count else { return entries }
            offset += blockSize + padded
        }
    }

    private static func ustarName(_ header: UnsafeRawBufferPointer) -> String {
        let name = text(header[0..<100])
        let prefix = text(header[257..<262]) == "ustar" ? text(header[345..<500]) : ""
        return prefix.isEmpty ? name : prefix + "/" + name
    }

    /// The `path` record of a pax header: lines of "length key=value".
    private static func paxPath(_ bytes: Slice<UnsafeRawBufferPointer>) -> String? {
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            let record = line[line.index(after: space)...]
            if record.hasPrefix("path=") { return String(record.dropFirst("path=".count)) }
        }
        return nil
    }

    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// A size: octal digits, or, where these do not suffice, a number in base 256 behind a byte with its top bit set.
    private static func size(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard let first = bytes.first, first & 0x80 != 0 else { return octal(bytes) }
        return bytes.dropFirst().reduce(Int(first & 0x7F)) { value, byte -> Int? in
            guard let value, value <= Int.max >> 9 else { return nil }
            return value << 8 | Int(byte)
        }
    }

    private static func octal(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        let digits = bytes.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 >= 0 ? $0 : nil }
    }

    /// The sum of the header's bytes, its own field counted as spaces.
    private static func checksum(_ header: UnsafeRawBufferPointer) -> Int {
        var sum = 0
        for (index, byte) in header.enumerated() {
            sum += (148..<156).contains(index) ? 32 : Int(byte)
        }
        return sum
    }
}
