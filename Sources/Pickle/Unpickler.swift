import FileSystem

/// Reads what Python's `pickle` writes, protocols 0 to 5, without running anything that a file asks for.
///
/// A pickle is a program for a machine with a stack, which builds values. Here the program may only build plain values
/// and refer to what ``PickleGlobal`` lists. Memory and time are in proportion to the file, whatever sizes it claims and
/// however it shares or nests values.
///
/// ```swift
/// let batch = try Unpickler.read(contentsOf: "data_batch_1")
/// let pictures = try batch["data"]?.array()     // 10000 x 3072 bytes
/// let labels = batch["labels"]?.integers
/// ```
package struct Unpickler {
    typealias Index = PickleDocument.Index
    typealias Node = PickleDocument.Node

    /// More than any checkpoint or data set has, and few enough for memory.
    static let maximumValues = 10_000_000

    var cursor: PickleCursor
    /// The first are values that have no parts, which are there once.
    var nodes: [Node] = [.none, .boolean(false), .boolean(true)]
    var stores: [[Index]] = []
    var stack: [Index] = []
    /// The heights of the stack at which marks are.
    private var marks: [Int] = []
    private var memo: [Int: Index] = [:]
    /// Values that were copied from one container to another: unlike all else, copying is not paid for by the file's size.
    var copied = 0
    /// The bytes made from a text, so that they are made once however often they are asked for.
    var encoded: [Index: Index] = [:]

    /// Reads the first pickle of a file.
    ///
    /// - Throws: ``PickleError``.
    package static func read(contentsOf path: String) throws(PickleError) -> PickleValue {
        let file: MappedFile
        do {
            file = try MappedFile(path: path)
        } catch {
            throw PickleError(error)
        }
        return try read(file, name: path).value
    }

    /// Reads the first pickle in memory.
    ///
    /// - Parameter name: what errors call it.
    /// - Throws: ``PickleError``.
    package static func read(_ bytes: [UInt8], name: String) throws(PickleError) -> PickleValue {
        try read(MappedFile(copying: bytes), name: name).value
    }

    /// Reads the pickle that begins at a byte of a file.
    ///
    /// - Returns: the value, and where in the file the pickle ends.
    /// - Throws: ``PickleError``.
    package static func read(
        _ file: MappedFile, at position: Int = 0, name: String
    ) throws(PickleError) -> (value: PickleValue, end: Int) {
        guard (0...file.bytes.count).contains(position) else {
            throw .truncated(source: name, position: file.bytes.count)
        }
        return try read(file, in: position..<file.bytes.count, name: name)
    }

    /// Reads the pickle that a range within a file begins with.
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
            // Each of them may grow by every byte of the file.
            guard stack.count <= Self.maximumValues, marks.count <= Self.maximumValues, memo.count <= Self.maximumValues
            else { throw .tooManyValues(source: cursor.source, limit: Self.maximumValues) }
        }
    }

    /// Carries out one instruction.
    private mutating func step(_ code: UInt8) throws(PickleError) {
        // Named as in Python's Lib/pickletools.py.
        switch code {
        case 0x80: try checkProtocol(try cursor.byte())
        // A frame only says how much to read at once.
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

    /// Makes a value and puts it on the stack.
    mutating func push(_ node: Node) throws(PickleError) { stack.append(try add(node)) }

    /// Makes a value without putting it on the stack.
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
        // Python takes the mark where it is the last that was put there.
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

    /// A number written as a line.
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
