/// A strict pull parser for JSON (RFC 8259) whose form the caller knows.
struct JSONScanner {
    /// What is wrong with the text, as the rest of a sentence about it, and at which byte.
    struct Problem: Error {
        let message: String
        let position: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// Starts at the first of the bytes, which must outlive the scanner.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Parses an object; `member` is called after each key and colon and must consume the value.
    mutating func object(_ member: (inout JSONScanner, String) throws -> Void) throws {
        try expect(UInt8(ascii: "{"), "an object")
        if consume(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            try expect(UInt8(ascii: ":"), "a colon")
            try member(&self, key)
        } while consume(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "a comma or the end of the object")
    }

    /// Parses an array of non-negative integers.
    mutating func integers(atMost limit: Int = .max) throws -> [Int] {
        var result: [Int] = []
        try expect(UInt8(ascii: "["), "an array")
        if consume(UInt8(ascii: "]")) { return result }
        repeat {
            guard result.count < limit else { throw problem("has an array of more than \(limit) numbers") }
            result.append(try integer())
        } while consume(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "a comma or the end of the array")
        return result
    }

    /// Parses `null` if it comes next, and says whether it did.
    mutating func null() throws -> Bool {
        skipWhitespace()
        guard current == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    /// Parses any value and forgets it.
    mutating func skipValue() throws {
        // What closes each array and object that is open. It takes the place of recursion.
        var closing: [UInt8] = []
        repeat {
            skipWhitespace()
            switch current {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard closing.count < Self.maximumDepth else { throw problem("is nested too deep") }
                let isObject = current == UInt8(ascii: "{")
                position += 1
                let end = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
                if !consume(end) {
                    closing.append(end)
                    if isObject { try key() }
                    continue
                }
            case UInt8(ascii: "\""): _ = try string()
            case UInt8(ascii: "t"): try literal("true")
            case UInt8(ascii: "f"): try literal("false")
            case UInt8(ascii: "n"): try literal("null")
            default: try skipNumber()
            }
            // After a value: the next one, or the end of what it is in, and perhaps of what that is in.
            while let end = closing.last {
                if consume(UInt8(ascii: ",")) {
                    if end == UInt8(ascii: "}") { try key() }
                    break
                }
                try expect(end, "a comma or the end of a value")
                closing.removeLast()
            }
        } while !closing.isEmpty
    }

    /// The depth that the reference implementation of safetensors allows.
    private static let maximumDepth = 128

    private mutating func key() throws {
        _ = try string()
        try expect(UInt8(ascii: ":"), "a colon")
    }

    private mutating func literal(_ text: String) throws {
        guard bytes[position...].starts(with: text.utf8) else { throw problem("lacks a value") }
        position += text.utf8.count
    }

    /// Parses a number of any form and forgets it.
    private mutating func skipNumber() throws {
        if current == UInt8(ascii: "-") { position += 1 }
        let start = position
        try skipDigits()
        guard bytes[start] != UInt8(ascii: "0") || position == start + 1 else {
            throw problem("has a number with leading zeros")
        }
        if current == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw problem(current == nil ? "ends too early" : "lacks a value") }
    }

    /// Parses a non-negative integer: digits only, without leading zeros.
    private mutating func integer() throws -> Int {
        skipWhitespace()
        let start = position
        var value = 0
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw problem("has too large a number") }
            value = sum
            position += 1
        }
        guard position > start else {
            throw problem(
                current == nil
                    ? "ends too early"
                    : current == UInt8(ascii: "-") ? "has a negative number" : "lacks a number")
        }
        guard bytes[start] != UInt8(ascii: "0") || position == start + 1 else {
            throw problem("has a number with leading zeros")
        }
        return value
    }

    /// Parses a string.
    mutating func string() throws -> String {
        try expect(UInt8(ascii: "\""), "a string")
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            position += 1
        }
        if current == UInt8(ascii: "\"") {
            let text = try utf8(bytes[start..<position])
            position += 1
            return text
        }
        return try stringWithEscapes(from: start)
    }

    private mutating func stringWithEscapes(from start: Int) throws -> String {
        var text = [UInt8](bytes[start..<position])
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                return try text.withUnsafeBytes { try utf8($0[...]) }
            case UInt8(ascii: "\\"):
                text.append(contentsOf: Array(String(try escape()).utf8))
            case 0..<0x20:
                position -= 1
                throw problem("has a control character in a string")
            default:
                text.append(byte)
            }
        }
        throw problem("ends inside a string")
    }

    /// Parses what follows a backslash.
    private mutating func escape() throws -> Unicode.Scalar {
        guard let byte = current else { throw problem("ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                guard current == UInt8(ascii: "\\") else { throw problem("has half a surrogate pair") }
                position += 1
                guard current == UInt8(ascii: "u") else { throw problem("has half a surrogate pair") }
                position += 1
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw problem("has half a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw problem("has half a surrogate pair") }
            return scalar
        default:
            position -= 1
            throw problem("has an unknown escape in a string")
        }
    }

    private mutating func hexadecimal() throws -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw problem("has an incomplete escape in a string")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    /// Checks that only whitespace is left.
    mutating func end() throws {
        skipWhitespace()
        guard position == bytes.count else { throw problem("has more text after its end") }
    }

    private func utf8(_ slice: Slice<UnsafeRawBufferPointer>) throws -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw problem("has a string that is not UTF-8")
        }
        return text
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        skipWhitespace()
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8, _ what: String) throws {
        guard consume(byte) else { throw problem(current == nil ? "ends too early" : "lacks \(what)") }
    }

    private func problem(_ message: String) -> Problem { Problem(message: message, position: position) }
}
