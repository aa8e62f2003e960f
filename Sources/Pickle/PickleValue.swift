import FileSystem

/// A value in a pickle. The properties for other kinds of values are nil.
package struct PickleValue: Sendable {
    let document: PickleDocument
    let index: PickleDocument.Index

    private var node: PickleDocument.Node { document.nodes[Int(index)] }

    private func values(_ store: Int32) -> some RandomAccessCollection<PickleValue> {
        document.stores[Int(store)].lazy.map { PickleValue(document: document, index: $0) }
    }

    /// The file's name in errors.
    package var source: String { document.source }

    package var isNone: Bool { if case .none = node { true } else { false } }

    package var boolean: Bool? { if case .boolean(let value) = node { value } else { nil } }

    /// An integer of up to 64 bits.
    package var integer: Int? { if case .integer(let value) = node { value } else { nil } }

    /// A floating-point number or an integer.
    package var number: Double? {
        switch node {
        case .float(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// Text, or bytes that are UTF-8 text, as the strings of Python 2 are bytes.
    package var text: String? {
        switch node {
        case .text(let text): text
        case .bytes(let bytes): document.withUnsafeBytes(bytes) { String(validating: $0, as: UTF8.self) }
        default: nil
        }
    }

    /// A copy of bytes.
    package var bytes: [UInt8]? {
        if case .bytes(let bytes) = node { document.withUnsafeBytes(bytes) { Array($0) } } else { nil }
    }

    /// The values of a list, a tuple or a set.
    package var elements: [PickleValue]? {
        switch node {
        case .list(let store), .tuple(let store), .set(let store): Array(values(store))
        default: nil
        }
    }

    /// The integers of a list or a tuple that holds nothing else, or of an array of one dimension.
    package var integers: [Int]? {
        guard let elements else { return (try? array())?.integers }
        let integers = elements.compactMap(\.integer)
        return integers.count == elements.count ? integers : nil
    }

    /// The texts of a list or a tuple that holds nothing else.
    package var texts: [String]? {
        guard let elements else { return nil }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count ? texts : nil
    }

    /// The keys and values of a dictionary, or the attributes of a namespace. If a key occurs more than once, the last one
    /// counts.
    package var pairs: [(key: PickleValue, value: PickleValue)]? {
        switch node {
        case .dictionary(let store), .namespace(let store):
            let values = document.stores[Int(store)]
            return stride(from: 0, to: values.count - 1, by: 2).map {
                (
                    PickleValue(document: document, index: values[$0]),
                    PickleValue(document: document, index: values[$0 + 1])
                )
            }
        default: return nil
        }
    }

    /// The value of a key of a dictionary, which may be bytes, as in pickles of Python 2.
    package subscript(_ key: String) -> PickleValue? { pairs?.last { $0.key.text == key }?.value }

    /// A global that was called, and its arguments and state.
    var made: (global: PickleGlobal, arguments: [PickleValue], state: PickleValue?)? {
        guard case .made(let global, let arguments, let state) = node else { return nil }
        let values = PickleValue(document: document, index: arguments).elements ?? []
        return (global, values, state.map { PickleValue(document: document, index: $0) })
    }

    var global: PickleGlobal? { if case .global(let global) = node { global } else { nil } }

    /// The identifier of an object outside of the pickle.
    var persistentIdentifier: PickleValue? {
        if case .persistent(let identifier) = node { PickleValue(document: document, index: identifier) } else { nil }
    }

    /// The bytes of an integer of more than 64 bits, the lowest first.
    var largeInteger: [UInt8]? {
        if case .largeInteger(.some(let bytes)) = node { document.withUnsafeBytes(bytes) { Array($0) } } else { nil }
    }

    /// The location of bytes, which are not copied.
    var storedBytes: PickleDocument.Bytes? { if case .bytes(let bytes) = node { bytes } else { nil } }
}

/// The values of one pickle.
///
/// Values refer to one another by index, so that shared values are stored once, a list may contain itself, and releasing
/// deeply nested values does not recurse.
package final class PickleDocument: Sendable {
    /// The file's name in errors.
    package let source: String
    let file: MappedFile
    let nodes: [Node]
    /// The elements of lists, tuples and sets, and the keys and values of dictionaries in turn.
    let stores: [[Index]]

    init(source: String, file: MappedFile, nodes: [Node], stores: [[Index]]) {
        self.source = source
        self.file = file
        self.nodes = nodes
        self.stores = stores
    }

    /// The index of a value.
    typealias Index = Int32

    /// Bytes in the file, which are not copied, or bytes converted from something in it.
    enum Bytes: Sendable {
        case inFile(Range<Int>)
        case made([UInt8])
    }

    enum Node: Sendable {
        case none
        case boolean(Bool)
        case integer(Int)
        /// An integer of more than 64 bits: its bytes, the lowest first; nil if it is written as a decimal.
        case largeInteger(Bytes?)
        case float(Double)
        case text(String)
        case bytes(Bytes)
        case list(store: Int32)
        case tuple(store: Int32)
        case set(store: Int32)
        case dictionary(store: Int32)
        /// Attributes by name, stored like a dictionary.
        case namespace(store: Int32)
        case global(PickleGlobal)
        /// The call of a global with a tuple of arguments, and the state that is set afterwards.
        case made(PickleGlobal, arguments: Index, state: Index?)
        /// An object outside of the pickle, by its identifier.
        case persistent(Index)
    }

    /// Calls `body` with bytes, which are valid only during the call.
    func withUnsafeBytes<Result>(_ bytes: Bytes, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch bytes {
        case .inFile(let range): try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
        case .made(let values): try values.withUnsafeBytes(body)
        }
    }
}
