/// A NumPy array in a pickle. Its values stay in the file, unless the pickle encodes them.
package struct NumPyArray: Sendable {
    /// The extents, outermost first; empty for a single number.
    package let shape: [Int]
    package let type: ElementType
    /// Whether the first dimension changes fastest in memory, instead of the last.
    package let isFortranOrder: Bool
    let document: PickleDocument
    let stored: PickleDocument.Bytes

    /// The type of the elements, like NumPy's `dtype.str` such as `<f4`.
    package struct ElementType: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable {
            case boolean = "b"
            case integer = "i"
            case unsigned = "u"
            case float = "f"
        }

        package let kind: Kind
        /// Bytes of one value.
        package let byteCount: Int
        package let isBigEndian: Bool

        package init(kind: Kind, byteCount: Int, isBigEndian: Bool = false) {
            self.kind = kind
            self.byteCount = byteCount
            self.isBigEndian = isBigEndian
        }
    }

    /// Number of values.
    package var count: Int { shape.reduce(1, *) }

    /// Calls `body` with the bytes of the values, whose order ``isFortranOrder`` tells. The pointer is valid only during the
    /// call.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try document.withUnsafeBytes(stored, body)
    }

    /// The values of an array of integers or Booleans of one dimension, if they fit.
    package var integers: [Int]? {
        guard shape.count == 1 else { return nil }
        return withUnsafeBytes { bytes in
            var result: [Int] = []
            result.reserveCapacity(shape[0])
            for index in 0..<shape[0] {
                guard let value = integer(at: index, in: bytes) else { return nil }
                result.append(value)
            }
            return result
        }
    }

    private func integer(at index: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
        func load<Value: FixedWidthInteger>(_ type: Value.Type) -> Int? {
            let value = bytes.loadUnaligned(fromByteOffset: index * type.byteCount, as: type)
            return Int(exactly: self.type.isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value))
        }
        switch (type.kind, type.byteCount) {
        case (.boolean, 1), (.unsigned, 1): return load(UInt8.self)
        case (.integer, 1): return load(Int8.self)
        case (.integer, 2): return load(Int16.self)
        case (.integer, 4): return load(Int32.self)
        case (.integer, 8): return load(Int64.self)
        case (.unsigned, 2): return load(UInt16.self)
        case (.unsigned, 4): return load(UInt32.self)
        case (.unsigned, 8): return load(UInt64.self)
        default: return nil
        }
    }
}

extension FixedWidthInteger {
    fileprivate static var byteCount: Int { bitWidth / 8 }
}

extension PickleValue {
    /// The value as an array.
    ///
    /// - Throws: ``PickleError/unexpectedValue(source:problem:)`` if it is not an array of numbers, or if the number of
    ///   bytes does not match its shape and type.
    package func array() throws(PickleError) -> NumPyArray {
        guard let made else { throw unexpected("there is no NumPy array where one is wanted") }
        let parts: (shape: PickleValue, type: PickleValue, isFortranOrder: Bool, bytes: PickleValue)
        switch made.global {
        case .arrayReconstruct:
            // The oldest files lack a version before the other four.
            let state = (made.state?.elements ?? []).suffix(4).map { $0 }
            guard state.count == 4 else { throw unexpected("a NumPy array has no state") }
            parts = (state[0], state[1], state[2].boolean ?? (state[2].integer == 1), state[3])
        case .arrayFromBuffer:
            guard made.arguments.count == 4 else { throw unexpected("a NumPy array has no state") }
            parts = (made.arguments[2], made.arguments[1], made.arguments[3].text == "F", made.arguments[0])
        default: throw unexpected("there is no NumPy array where one is wanted")
        }
        guard let shape = parts.shape.integers, shape.allSatisfy({ $0 >= 0 }) else {
            throw unexpected("a NumPy array has no shape")
        }
        guard let bytes = parts.bytes.storedBytes else {
            throw unexpected("a NumPy array holds objects instead of numbers")
        }
        let type = try parts.type.elementType()
        var size = type.byteCount
        for extent in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw unexpected("a NumPy array has the impossibly large shape \(shape)") }
            size = product
        }
        let found = document.withUnsafeBytes(bytes) { $0.count }
        guard found == size else {
            throw unexpected("a NumPy array of the shape \(shape) has \(found) bytes, not \(size)")
        }
        return NumPyArray(
            shape: shape, type: type, isFortranOrder: parts.isFortranOrder, document: document, stored: bytes)
    }

    /// The type that a `numpy.dtype` stands for.
    private func elementType() throws(PickleError) -> NumPyArray.ElementType {
        guard let made, made.global == .arrayType, let name = made.arguments.first?.text else {
            throw unexpected("a NumPy array has no type")
        }
        // The byte order is in the state (version, order, …); | stands for none, and = for the machine's.
        let order = made.state?.elements?.dropFirst().first?.text ?? name.first.map { String($0) } ?? ""
        let code = name.drop { "<>|=".contains($0) }
        let isBoolean = code == "?" || code == "bool"
        let kind = isBoolean ? .boolean : NumPyArray.ElementType.Kind(rawValue: String(code.prefix(1)))
        guard let kind, let byteCount = isBoolean ? 1 : Int(code.dropFirst()), [1, 2, 4, 8].contains(byteCount) else {
            throw unexpected("a NumPy array holds values of the type \(name.prefix(40)), which are no plain numbers")
        }
        return NumPyArray.ElementType(kind: kind, byteCount: byteCount, isBigEndian: order == ">")
    }

    func unexpected(_ problem: String) -> PickleError { .unexpectedValue(source: source, problem: problem) }
}
