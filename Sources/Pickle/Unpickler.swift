import FileSystem

/// Reads the files of Python's `pickle`, protocols 0 to 5, without running any code that a file asks for.
///
/// A pickle is a program for a stack machine, which builds values. Here the program may only build plain values and refer
/// to the globals in ``PickleGlobal``. Memory and time are proportional to the size of the file, whatever sizes it claims
/// and however it shares or nests values.
///
/// ```swift
/// let batch = try Unpickler.read(contentsOf: "data_batch_1")
/// let pictures = try batch["data"]?.array()     // 10000 x 3072 bytes
/// let labels = batch["labels"]?.integers
/// ```
package struct Unpickler {
    typealias Index = PickleDocument.Index
    typealias Node = PickleDocument.Node

    /// More than any checkpoint or dataset has, and few enough to fit into memory.
    static let maximumValues = 10_000_000

    var cursor: PickleCursor
    /// The values, of which the first three are constants.
    var nodes: [Node] = [.none, .boolean(false), .boolean(true)]
    var stores: [[Index]] = []
    var stack: [Index] = []
    /// The heights of the stack at the marks.
    private var marks: [Int] = []
    private var memo: [Int: Index] = [:]
    /// Number of values copied from one container to another, which the size of the file does not limit.
    var copied = 0
    /// The bytes encoded from texts, so that each text is encoded once.
    var encoded: [Index: Index] = [:]

    /// Reads the first pickle of a file.
    ///
    /// - Throws: ``PickleError``.
    package static func read(contentsOf path: String) throws(PickleError) -> PickleValue {
        try read(PickleError.converting(MappedFile(path: path)), name: path).value
    }

    /// Reads the first pickle in memory.
    ///
    /// - Parameter name: The file's name in errors.
    /// - Throws: ``PickleError``.
    package static func read(_ bytes: [UInt8], name: String) throws(PickleError) -> PickleValue {
        try read(MappedFile(copying: bytes), name: name).value
    }

    /// Reads the pickle that begins at a byte of a file.
    ///
    /// - Returns: The value, and the position in the file at which the pickle ends.
    /// - Throws: ``PickleError``.
    package static func read(
        _ file: MappedFile, at position: Int = 0, name: String
    ) throws(PickleError) -> (value: PickleValue, end: Int) {
        guard (0...file.bytes.count).contains(position) else {
            throw .truncated(source: name, position: file.bytes.count)
        }
        return try read(file, in: position..<file.bytes.count, name: name)
    }

    /// Reads the pickle at the start of a range of a file.
    static func read(
        _ file: MappedFile, in range: Range<Int>, name: String
    ) throws(PickleError) -> (value: PickleValue, end: Int) {
        var unpickler = Unpickler(cursor: PickleCursor(source: name, file: file, range: range))
        let result = try unpickler.run()
        let document = PickleDocument(source: name, file: file, nodes: unpickler.nodes, stores: unpickler.stores)
        return (PickleValue(document: document, index: result), unpickler.cursor.position)
    }

    private init(cursor: PickleCursor) { self.cursor = cursor }

    private mutating func run() throws(PickleError) -> Index {
        while true {
            let code = try cursor.byte()
            if code == UInt8(ascii: ".") { return try pop() }
            try step(code)
            // Each of them can grow with every byte of the file.
            guard stack.count <= Self.maximumValues, marks.count <= Self.maximumValues, memo.count <= Self.maximumValues
            else { throw .tooManyValues(source: cursor.source, limit: Self.maximumValues) }
        }
    }

    /// Executes one instruction.
    private mutating func step(_ code: UInt8) throws(PickleError) {
        // The codes are those of Python's Lib/pickletools.py.
        switch code {
        case 0x80: try checkProtocol(try cursor.byte())
        // The size of a frame is only a hint for buffering.
        case 0x95: _ = try cursor.number(UInt64.self)
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "0"): try popValueOrMark()
        case UInt8(ascii: "1"): _ = try popToMark()
        case UInt8(ascii: "2"): stack.append(try top())
        case UInt8(ascii: "p"): try remember(at: try decimal())
        case UInt8(ascii: "q"): try remember(at: Int(try cursor.byte()))
        case UInt8(ascii: "r"): try remember(at: Int(try cursor.number(UInt32.self)))
        case 0x94: try remember(at: memo.count)
        case UInt8(ascii: "g"): try recall(try decimal())
        case UInt8(ascii: "h"): try recall(Int(try cursor.byte()))
        case UInt8(ascii: "j"): try recall(Int(try cursor.number(UInt32.self)))
        case UInt8(ascii: "c"), 0x93: try pushGlobal(fromStack: code == 0x93)
        case UInt8(ascii: "P"): try push(.persistent(try add(.text(cursor.text(try cursor.line())))))
        case UInt8(ascii: "Q"): try push(.persistent(try pop()))
        case UInt8(ascii: "R"), 0x81: try reduce()
        case 0x92: try reduceWithKeywords()
        case UInt8(ascii: "i"), UInt8(ascii: "o"): try instantiate(classIsOnStack: code == UInt8(ascii: "o"))
        case UInt8(ascii: "b"): try build()
        case 0x82, 0x83, 0x84:
            throw cursor.malformed("it refers to an extension, which has a meaning only where it was registered")
        case 0x97, 0x98: throw cursor.malformed("it refers to a buffer outside of the file")
        default:
            if try !pushScalar(code), try !changeContainer(code) {
                throw cursor.malformed("there is no instruction 0x\(String(code, radix: 16))")
            }
        }
    }

    private func checkProtocol(_ version: UInt8) throws(PickleError) {
        guard version <= 5 else { throw cursor.malformed("it asks for protocol \(version), and 5 is the latest") }
    }

    // MARK: The stack

    /// Adds a value and pushes it on the stack.
    mutating func push(_ node: Node) throws(PickleError) { stack.append(try add(node)) }

    /// Adds a value without pushing it on the stack.
    mutating func add(_ node: Node) throws(PickleError) -> Index {
        guard nodes.count < Self.maximumValues else {
            throw .tooManyValues(source: cursor.source, limit: Self.maximumValues)
        }
        nodes.append(node)
        return Index(nodes.count - 1)
    }

    /// Makes a store for a container.
    mutating func store(_ contents: [Index]) -> Int32 {
        stores.append(contents)
        return Int32(stores.count - 1)
    }

    mutating func pop() throws(PickleError) -> Index {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else {
            throw cursor.malformed("a value is wanted where there is none")
        }
        return value
    }

    func top() throws(PickleError) -> Index {
        guard stack.count > (marks.last ?? 0), let value = stack.last else {
            throw cursor.malformed("a value is wanted where there is none")
        }
        return value
    }

    /// Everything that was put on the stack since the last mark.
    mutating func popToMark() throws(PickleError) -> [Index] {
        guard let mark = marks.popLast() else { throw cursor.malformed("a mark is wanted where there is none") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private mutating func popValueOrMark() throws(PickleError) {
        // As in Python, a mark on top is what is popped.
        if let mark = marks.last, mark == stack.count {
            marks.removeLast()
        } else {
            _ = try pop()
        }
    }

    private mutating func remember(at key: Int) throws(PickleError) { memo[key] = try top() }

    private mutating func recall(_ key: Int) throws(PickleError) {
        guard let value = memo[key] else { throw cursor.malformed("it refers to value \(key), which was not kept") }
        stack.append(value)
    }

    /// A decimal number on a line.
    private mutating func decimal() throws(PickleError) -> Int {
        let text = cursor.text(try cursor.line())
        guard let number = Int(text), number >= 0 else { throw cursor.malformed("'\(text.prefix(40))' is no number") }
        return number
    }

    func global(_ module: String, _ name: String) throws(PickleError) -> PickleGlobal {
        guard let global = PickleGlobal(module: module, name: name) else {
            throw .forbiddenGlobal(source: cursor.source, name: "\(module).\(name)")
        }
        return global
    }

    private mutating func pushGlobal(fromStack: Bool) throws(PickleError) {
        if fromStack {
            let (name, module) = (try pop(), try pop())
            guard case .text(let moduleText) = nodes[Int(module)], case .text(let nameText) = nodes[Int(name)] else {
                throw cursor.malformed("it refers to something whose name is no text")
            }
            try push(.global(try global(moduleText, nameText)))
        } else {
            let module = cursor.text(try cursor.line())
            try push(.global(try global(module, cursor.text(try cursor.line()))))
        }
    }
}

/// Reads the operands of a pickle's instructions, never beyond the end of its range of the file.
struct PickleCursor {
    let source: String
    let file: MappedFile
    private(set) var position: Int
    private let end: Int

    /// - Parameter range: A range within the file.
    init(source: String, file: MappedFile, range: Range<Int>) {
        self.source = source
        self.file = file
        position = range.lowerBound
        end = range.upperBound
    }

    /// Number of bytes left.
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

    /// Skips bytes that are preceded by their count.
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

    /// The text up to the next line break, which is skipped.
    mutating func line() throws(PickleError) -> Range<Int> {
        let start = position
        guard let end = file.bytes[start..<end].firstIndex(of: UInt8(ascii: "\n")) else { throw truncated }
        position = end + 1
        return start..<end
    }

    /// UTF-8 text. Lone surrogates, which Python encodes like characters, become replacement characters.
    func text(_ range: Range<Int>) -> String { String(decoding: file.bytes[range], as: UTF8.self) }

    var truncated: PickleError { .truncated(source: source, position: position) }

    func malformed(_ problem: String) -> PickleError {
        .malformed(source: source, position: position, problem: problem)
    }
}
