/// A value that a pickle holds. Which kind it is tells whichever of the properties is not nil.
package struct PickleValue: Sendable {
    let document: PickleDocument
    let index: PickleDocument.Index

    private var node: PickleDocument.Node { document.nodes[Int(index)] }

    private func values(_ store: Int32) -> some RandomAccessCollection<PickleValue> {
        document.stores[Int(store)].lazy.map { PickleValue(document: document, index: $0) }
    }

    /// What errors call the file.
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

    /// Text, or bytes that are text: what Python 2 calls a string is bytes.
    package var text: String? {
        switch node {
        case .text(let text): text
        case .bytes(let bytes): document.withUnsafeBytes(bytes) { String(validating: $0, as: UTF8.self) }
        default: nil
        }
    }

    /// Bytes, as a copy.
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

    /// The integers of a list or a tuple of nothing else, or of an array of one dimension.
    package var integers: [Int]? {
        guard let elements else { return (try? array())?.integers }
        let integers = elements.compactMap(\.integer)
        return integers.count == elements.count ? integers : nil
    }

    /// The texts of a list or a tuple of nothing else.
    package var texts: [String]? {
        guard let elements else { return nil }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count ? texts : nil
    }

    /// The keys and values of a dictionary, or the attributes of a namespace. A key may be there more than once; the last
    /// is the one that counts.
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

    /// The value of a key of a dictionary, whether the key is text or, as in pickles of Python 2, bytes.
    package subscript(_ key: String) -> PickleValue? { pairs?.last { $0.key.text == key }?.value }

    /// What a global makes of arguments.
    var made: (global: PickleGlobal, arguments: [PickleValue], state: PickleValue?)? {
        guard case .made(let global, let arguments, let state) = node else { return nil }
        let values = PickleValue(document: document, index: arguments).elements ?? []
        return (global, values, state.map { PickleValue(document: document, index: $0) })
    }

    var global: PickleGlobal? { if case .global(let global) = node { global } else { nil } }

    /// The identifier of something outside of the pickle.
    var persistentIdentifier: PickleValue? {
        if case .persistent(let identifier) = node { PickleValue(document: document, index: identifier) } else { nil }
    }

    /// The bytes of an integer that takes more than 64 bits, the lowest first.
    var largeInteger: [UInt8]? {
        if case .largeInteger(.some(let bytes)) = node { document.withUnsafeBytes(bytes) { Array($0) } } else { nil }
    }

    /// Where bytes are, without a copy of them.
    var storedBytes: PickleDocument.Bytes? { if case .bytes(let bytes) = node { bytes } else { nil } }
}
