import FileSystem

/// The values of one pickle.
///
/// Values refer to one another by number, so that values that are shared are there once, a list may contain itself, and
/// however deep they are nested, nothing descends into them when they are released.
package final class PickleDocument: Sendable {
    /// What errors call the file.
    package let source: String
    let file: MappedFile
    let nodes: [Node]
    /// What lists, tuples and sets hold, and the keys and values of dictionaries in turn.
    let stores: [[Index]]

    init(source: String, file: MappedFile, nodes: [Node], stores: [[Index]]) {
        self.source = source
        self.file = file
        self.nodes = nodes
        self.stores = stores
    }

    /// A value's number.
    typealias Index = Int32

    /// Bytes in the file, which are not copied, or made from something in it.
    enum Bytes: Sendable {
        case inFile(Range<Int>)
        case made([UInt8])
    }

    enum Node: Sendable {
        case none
        case boolean(Bool)
        case integer(Int)
        /// One that takes more than 64 bits: its bytes, the lowest first, where it is not written as a decimal.
        case largeInteger(Bytes?)
        case float(Double)
        case text(String)
        case bytes(Bytes)
        case list(store: Int32)
        case tuple(store: Int32)
        case set(store: Int32)
        case dictionary(store: Int32)
        /// Attributes by name, as a dictionary has its keys.
        case namespace(store: Int32)
        case global(PickleGlobal)
        /// What a global makes of arguments, which are a tuple, and the state that is set afterwards.
        case made(PickleGlobal, arguments: Index, state: Index?)
        /// Something outside of the pickle, by its identifier.
        case persistent(Index)
    }

    /// The bytes are valid during the call only.
    func withUnsafeBytes<Result>(_ bytes: Bytes, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch bytes {
        case .inFile(let range): try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
        case .made(let values): try values.withUnsafeBytes(body)
        }
    }
}
