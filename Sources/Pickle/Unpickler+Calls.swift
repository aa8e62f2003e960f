extension Unpickler {
    /// Pops arguments and a callable, and pushes the result of the call.
    mutating func reduce() throws(PickleError) {
        let arguments = try pop()
        let callable = try pop()
        stack.append(try make(callable, arguments))
    }

    /// Calls with keyword arguments too, which none of the supported callables takes.
    mutating func reduceWithKeywords() throws(PickleError) {
        guard case .dictionary(let keywords) = nodes[Int(try pop())], stores[Int(keywords)].isEmpty else {
            throw cursor.malformed("it gives arguments by name to what takes none")
        }
        try reduce()
    }

    /// Executes an instruction of protocol 0 for instances: two lines name the class, or it is the first value after the
    /// mark.
    mutating func instantiate(classIsOnStack: Bool) throws(PickleError) {
        var callable: Index?
        if !classIsOnStack {
            let module = cursor.text(try cursor.line())
            callable = try add(.global(try global(module, cursor.text(try cursor.line()))))
        }
        var values = try popToMark()[...]
        if classIsOnStack { callable = values.popFirst() }
        guard let callable else { throw cursor.malformed("a class is wanted where there is none") }
        let arguments = try add(.tuple(store: store(Array(values))))
        stack.append(try make(callable, arguments))
    }

    /// Sets the state of the value on top of the stack.
    mutating func build() throws(PickleError) {
        let state = try pop()
        let index = try top()
        switch nodes[Int(index)] {
        case .made(let global, let arguments, _):
            nodes[Int(index)] = .made(global, arguments: arguments, state: state)
        case .namespace(let store):
            stores[Int(store)] += try copyPairs(of: state)
        // Attributes of dictionaries, such as _metadata of state dicts, are ignored.
        case .dictionary: break
        default: throw cursor.malformed("a state is set for what has none")
        }
    }

    /// The result of calling a global. Plain values are built at once, since later instructions add to them; tensors and
    /// arrays are kept as calls, and built on demand.
    private mutating func make(_ callable: Index, _ arguments: Index) throws(PickleError) -> Index {
        guard case .global(var global) = nodes[Int(callable)] else {
            throw cursor.malformed("it calls what is neither a class nor a function")
        }
        guard case .tuple(var store) = nodes[Int(arguments)] else {
            throw cursor.malformed("the arguments of a call are no tuple")
        }
        var arguments = arguments
        // It builds a tensor of a subclass from a plain one, possibly by calling itself.
        while global == .rebuildFromType {
            let values = stores[Int(store)]
            guard values.count >= 3, case .global(let inner) = nodes[Int(values[0])],
                case .tuple(let innerStore) = nodes[Int(values[2])], innerStore != store
            else { throw cursor.malformed("the arguments of a tensor's class are not what they should be") }
            copied += 1
            guard copied <= Self.maximumValues else {
                throw .tooManyValues(source: cursor.source, limit: Self.maximumValues)
            }
            (global, arguments, store) = (inner, values[2], innerStore)
        }
        return try make(global, arguments, stores[Int(store)])
    }

    private mutating func make(
        _ global: PickleGlobal, _ arguments: Index, _ values: [Index]
    ) throws(PickleError) -> Index {
        func value(_ number: Int) throws(PickleError) -> Index {
            guard number < values.count else { throw cursor.malformed("a call has too few arguments") }
            return values[number]
        }
        switch global {
        case .rebuildParameter, .rebuildParameterWithState, .size: return try value(0)
        case .rebuildTensor, .rebuildTensorVersion2, .rebuildTensorVersion3, .otherTensor, .property, .complex,
            .arrayReconstruct, .arrayFromBuffer, .arrayType, .arrayScalar:
            return try add(.made(global, arguments: arguments, state: nil))
        case .list: return try add(.list(store: store(values.isEmpty ? [] : copyElements(of: value(0)))))
        case .tuple: return try add(.tuple(store: store(values.isEmpty ? [] : copyElements(of: value(0)))))
        case .set, .frozenSet: return try add(.set(store: store(values.isEmpty ? [] : copyElements(of: value(0)))))
        case .dictionary, .orderedDictionary, .counter:
            return try add(.dictionary(store: store(values.isEmpty ? [] : copyPairs(of: value(0)))))
        // Its first argument makes the values of missing keys.
        case .defaultDictionary:
            return try add(.dictionary(store: store(values.count < 2 ? [] : copyPairs(of: value(1)))))
        case .namespace: return try add(.namespace(store: store([])))
        case .reconstructor:
            guard case .global(.namespace) = nodes[Int(try value(0))] else {
                throw cursor.malformed("it makes an instance of what has none")
            }
            return try add(.namespace(store: store([])))
        case .encode, .bytes, .byteArray: return try bytes(values)
        case .integer, .float, .boolean, .text: return try value(0)
        case .storage, .scalarType, .tensorClass, .arrayClass, .object, .rebuildFromType:
            throw cursor.malformed("it makes an instance of what has none")
        }
    }

    /// Bytes from `encode(text, "latin1")`, as Python 3 writes bytes for protocols without them, or from bytes.
    private mutating func bytes(_ values: [Index]) throws(PickleError) -> Index {
        guard let first = values.first else { return try add(.bytes(.made([]))) }
        switch nodes[Int(first)] {
        case .bytes: return first
        case .list(let store), .tuple(let store):
            if stores[Int(store)].isEmpty { return try add(.bytes(.made([]))) }
            throw cursor.malformed("bytes are made of what is no text")
        case .text(let text):
            if let made = encoded[first] { return made }
            var result: [UInt8] = []
            result.reserveCapacity(text.utf8.count)
            for scalar in text.unicodeScalars {
                guard let byte = UInt8(exactly: scalar.value) else {
                    throw cursor.malformed("bytes are written as a text with characters beyond Latin-1")
                }
                result.append(byte)
            }
            let made = try add(.bytes(.made(result)))
            encoded[first] = made
            return made
        default: throw cursor.malformed("bytes are made of what is no text")
        }
    }
}
