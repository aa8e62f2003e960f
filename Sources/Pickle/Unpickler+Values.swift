extension Unpickler {
    /// Executes an instruction for numbers, texts or bytes.
    ///
    /// - Returns: false for any other instruction.
    mutating func pushScalar(_ code: UInt8) throws(PickleError) -> Bool {
        switch code {
        case UInt8(ascii: "N"): stack.append(0)
        case 0x89: stack.append(1)
        case 0x88: stack.append(2)
        case UInt8(ascii: "K"): try push(.integer(Int(try cursor.byte())))
        case UInt8(ascii: "M"): try push(.integer(Int(try cursor.number(UInt16.self))))
        case UInt8(ascii: "J"): try push(.integer(Int(try cursor.number(Int32.self))))
        case 0x8A: try pushInteger(try cursor.counted(by: UInt8.self))
        case 0x8B: try pushInteger(try cursor.counted(by: Int32.self))
        case UInt8(ascii: "I"), UInt8(ascii: "L"): try pushDecimal(cursor.text(try cursor.line()), code)
        case UInt8(ascii: "F"):
            let text = cursor.text(try cursor.line())
            guard let number = Double(text) else { throw cursor.malformed("'\(text.prefix(40))' is no number") }
            try push(.float(number))
        case UInt8(ascii: "G"):
            try push(.float(Double(bitPattern: try cursor.number(UInt64.self).byteSwapped)))
        case UInt8(ascii: "S"): try push(.bytes(.made(try unquoted(try cursor.line()))))
        case UInt8(ascii: "V"): try push(.text(try unescaped(try cursor.line())))
        // The strings of Python 2 are bytes.
        case UInt8(ascii: "U"), UInt8(ascii: "C"): try push(.bytes(.inFile(try cursor.counted(by: UInt8.self))))
        case UInt8(ascii: "T"): try push(.bytes(.inFile(try cursor.counted(by: Int32.self))))
        case UInt8(ascii: "B"): try push(.bytes(.inFile(try cursor.counted(by: UInt32.self))))
        case 0x8E, 0x96: try push(.bytes(.inFile(try cursor.counted(by: UInt64.self))))
        case 0x8C: try push(.text(cursor.text(try cursor.counted(by: UInt8.self))))
        case UInt8(ascii: "X"): try push(.text(cursor.text(try cursor.counted(by: UInt32.self))))
        case 0x8D: try push(.text(cursor.text(try cursor.counted(by: UInt64.self))))
        default: return false
        }
        return true
    }

    /// An integer in two's complement, the lowest byte first, of any length.
    private mutating func pushInteger(_ range: Range<Int>) throws(PickleError) {
        guard range.count <= 8 else { return try push(.largeInteger(.inFile(range))) }
        var value: UInt64 = 0
        for (shift, byte) in cursor.file.bytes[range].enumerated() { value |= UInt64(byte) << (8 * UInt64(shift)) }
        let unused = 64 - 8 * Int64(range.count)
        // Shifting there and back again extends the sign; a shift by all 64 bits gives 0, as no bytes do.
        try push(.integer(Int(Int64(bitPattern: value << unused) >> unused)))
    }

    private mutating func pushDecimal(_ text: String, _ code: UInt8) throws(PickleError) {
        // Protocol 0 writes Booleans as these integers.
        if code == UInt8(ascii: "I"), text == "00" || text == "01" { return stack.append(text == "00" ? 1 : 2) }
        let digits = code == UInt8(ascii: "L") && text.hasSuffix("L") ? text.dropLast() : text[...]
        if let number = Int(digits) { return try push(.integer(number)) }
        let magnitude = digits.utf8.first == UInt8(ascii: "-") ? digits.dropFirst() : digits
        guard !magnitude.isEmpty, magnitude.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw cursor.malformed("'\(text.prefix(40))' is no number") }
        try push(.largeInteger(nil))
    }

    /// The bytes that a Python literal such as `'a\x00'` stands for.
    private func unquoted(_ range: Range<Int>) throws(PickleError) -> [UInt8] {
        let line = cursor.file.bytes[range]
        guard line.count >= 2, let quote = line.first, quote == line.last,
            quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
        else { throw cursor.malformed("there is a string without quotes") }
        var rest = line.dropFirst().dropLast()
        var result: [UInt8] = []
        result.reserveCapacity(rest.count)
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard let escape = rest.popFirst() else { throw cursor.malformed("a string ends within an escape") }
            switch escape {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "a"): result.append(0x07)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "v"): result.append(0x0B)
            case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): result.append(escape)
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                    throw cursor.malformed("a string has an incomplete escape")
                }
                rest = rest.dropFirst(2)
                result.append(value)
            default: throw cursor.malformed("a string has an unknown escape")
            }
        }
        return result
    }

    /// Text of protocol 0: Latin-1 in which `\u` and 4 or `\U` and 8 digits stand for other characters.
    private func unescaped(_ range: Range<Int>) throws(PickleError) -> String {
        var rest = cursor.file.bytes[range]
        var text = String.UnicodeScalarView()
        while let byte = rest.popFirst() {
            let count = rest.first == UInt8(ascii: "u") ? 4 : 8
            let isEscape = rest.first == UInt8(ascii: "u") || rest.first == UInt8(ascii: "U")
            guard byte == UInt8(ascii: "\\"), isEscape else {
                text.append(Unicode.Scalar(byte))
                continue
            }
            let digits = String(decoding: rest.dropFirst().prefix(count), as: UTF8.self)
            guard digits.utf8.count == count, let value = UInt32(digits, radix: 16) else {
                throw cursor.malformed("a text has an incomplete escape")
            }
            rest = rest.dropFirst(1 + count)
            text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
        }
        return String(text)
    }
}

extension Unpickler {
    /// Executes an instruction for lists, tuples, sets or dictionaries.
    ///
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

    /// The elements of a list, a tuple or a set, to copy into another one.
    mutating func copyElements(of index: Index) throws(PickleError) -> [Index] {
        switch nodes[Int(index)] {
        case .list(let store), .tuple(let store), .set(let store): try copy(store)
        default: throw cursor.malformed("a list is wanted where there is none")
        }
    }

    /// The keys and values of a dictionary, or of a list of pairs, to copy into another dictionary.
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
