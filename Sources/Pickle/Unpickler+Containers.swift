extension Unpickler {
    /// Carries out the instructions for lists, tuples, sets and dictionaries.
    /// - Returns: false for any other instruction.
    mutating func changeContainer(_ code: UInt8) throws(PickleError) -> Bool {
        switch code {
        case UInt8(ascii: ")"): try push(.tuple(store: store([])))
        case 0x85, 0x86, 0x87: try pushTuple(count: Int(code) - 0x84)
        case UInt8(ascii: "t"): try push(.tuple(store: store(try popToMark())))
        case UInt8(ascii: "]"): try push(.list(store: store([])))
        case UInt8(ascii: "l"): try push(.list(store: store(try popToMark())))
        case UInt8(ascii: "}"): try push(.dictionary(store: store([])))
        case UInt8(ascii: "d"): try push(.dictionary(store: store(try pairs(try popToMark()))))
        case 0x8F: try push(.set(store: store([])))
        case 0x91: try push(.set(store: store(try popToMark())))
        case UInt8(ascii: "a"): try appendToList([try pop()])
        case UInt8(ascii: "e"): try appendToList(try popToMark())
        case 0x90:
            let values = try popToMark()
            guard case .set(let store) = nodes[Int(try top())] else {
                throw cursor.malformed("members are added to what is no set")
            }
            stores[Int(store)] += values
        case UInt8(ascii: "s"):
            let (value, key) = (try pop(), try pop())
            try addToDictionary([key, value])
        case UInt8(ascii: "u"): try addToDictionary(try pairs(try popToMark()))
        default: return false
        }
        return true
    }

    private mutating func pushTuple(count: Int) throws(PickleError) {
        var values: [Index] = []
        for _ in 0..<count { values.append(try pop()) }
        try push(.tuple(store: store(values.reversed())))
    }

    private mutating func appendToList(_ values: [Index]) throws(PickleError) {
        guard case .list(let store) = nodes[Int(try top())] else {
            throw cursor.malformed("values are appended to what is no list")
        }
        stores[Int(store)] += values
    }

    private mutating func addToDictionary(_ values: [Index]) throws(PickleError) {
        guard case .dictionary(let store) = nodes[Int(try top())] else {
            throw cursor.malformed("keys are set in what is no dictionary")
        }
        stores[Int(store)] += values
    }

    private func pairs(_ values: [Index]) throws(PickleError) -> [Index] {
        guard values.count % 2 == 0 else { throw cursor.malformed("a dictionary has a key without a value") }
        return values
    }

    /// The values of a list, a tuple or a set, to be copied into another one.
    mutating func copyElements(of index: Index) throws(PickleError) -> [Index] {
        switch nodes[Int(index)] {
        case .list(let store), .tuple(let store), .set(let store): try copy(store)
        default: throw cursor.malformed("a list is wanted where there is none")
        }
    }

    /// The keys and values of a dictionary, or of a list of pairs, to be copied into another dictionary.
    mutating func copyPairs(of index: Index) throws(PickleError) -> [Index] {
        switch nodes[Int(index)] {
        case .dictionary(let store), .namespace(let store): return try copy(store)
        default: break
        }
        var result: [Index] = []
        for pair in try copyElements(of: index) {
            let values = try copyElements(of: pair)
            guard values.count == 2 else { throw cursor.malformed("a pair is wanted where there is none") }
            result += values
        }
        return result
    }

    private mutating func copy(_ store: Int32) throws(PickleError) -> [Index] {
        let values = stores[Int(store)]
        copied += values.count
        guard copied <= Self.maximumValues else {
            throw .tooManyValues(source: cursor.source, limit: Self.maximumValues)
        }
        return values
    }
}
