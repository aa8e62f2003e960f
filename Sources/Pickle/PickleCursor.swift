import FileSystem

/// Reads the operands of a pickle's instructions, and never beyond the end of its part of the file.
struct PickleCursor {
    let source: String
    let file: MappedFile
    private(set) var position: Int
    private let end: Int

    /// - Parameter range: within the file.
    init(source: String, file: MappedFile, range: Range<Int>) {
        self.source = source
        self.file = file
        position = range.lowerBound
        end = range.upperBound
    }

    /// How many bytes follow.
    var remaining: Int { end - position }

    mutating func byte() throws(PickleError) -> UInt8 {
        guard remaining > 0 else { throw truncated }
        defer { position += 1 }
        return file.bytes[position]
    }

    /// A little-endian number.
    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(PickleError) -> Number {
        let range = try range(count: MemoryLayout<Number>.size)
        return Number(littleEndian: file.bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Number.self))
    }

    /// Steps over bytes that are preceded by their count.
    mutating func counted<Count: FixedWidthInteger>(by type: Count.Type) throws(PickleError) -> Range<Int> {
        let count = try number(type)
        guard count >= 0 else { throw malformed("there is a negative length") }
        guard let count = Int(exactly: count) else { throw truncated }
        return try range(count: count)
    }

    mutating func range(count: Int) throws(PickleError) -> Range<Int> {
        guard count <= remaining else { throw truncated }
        defer { position += count }
        return position..<(position + count)
    }

    /// The text up to the next end of a line, which is stepped over.
    mutating func line() throws(PickleError) -> Range<Int> {
        let start = position
        guard let end = file.bytes[start..<end].firstIndex(of: UInt8(ascii: "\n")) else { throw truncated }
        position = end + 1
        return start..<end
    }

    /// Text in UTF-8. Python writes lone surrogates as if they were characters; the replacement character stands for them.
    func text(_ range: Range<Int>) -> String { String(decoding: file.bytes[range], as: UTF8.self) }

    var truncated: PickleError { .truncated(source: source, position: position) }

    func malformed(_ problem: String) -> PickleError {
        .malformed(source: source, position: position, problem: problem)
    }
}
