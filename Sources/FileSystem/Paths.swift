import Foundation

// A path is bytes to the system, which need not be UTF-8, and text to people. Here a path is always a `String`, in which a
// private-use character stands for each byte that is not UTF-8, and becomes that byte again when the file is opened. Python
// does the same with lone surrogates (PEP 383), which a `String` cannot hold.

/// The private-use characters that stand for the bytes 0x80 to 0xFF.
private let escapes: ClosedRange<UInt32> = 0x10_FE80...0x10_FEFF
private let escapeBase: UInt32 = 0x10_FE00

extension String {
    /// Creates the text of a path, from which ``withPathBytes(_:)`` gets the same bytes back.
    package init(pathBytes bytes: some Collection<UInt8>) {
        let whole = Array(bytes)
        if let text = String(validating: whole, as: UTF8.self), !text.holdsEscapes {
            self = text
            return
        }
        var result = String.UnicodeScalarView()
        var rest = whole[...]
        while let first = rest.first {
            if let scalar = Self.scalar(at: rest), !escapes.contains(scalar.value) {
                result.append(scalar)
                rest = rest.dropFirst(UTF8.width(scalar))
            } else {
                // The bytes of a character that is an escape itself are escaped too, so that escapes are unambiguous.
                if let escape = Unicode.Scalar(escapeBase + UInt32(first)) { result.append(escape) }
                rest = rest.dropFirst()
            }
        }
        self = String(result)
    }

    /// Calls `body` with the path as the system takes it, terminated by a zero.
    package func withPathBytes<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        guard holdsEscapes else { return try withCString(body) }
        var bytes = pathBytes.map { CChar(bitPattern: $0) }
        bytes.append(0)
        return try bytes.withUnsafeBufferPointer { bytes in
            guard let first = bytes.baseAddress else { return try "".withCString(body) }
            return try body(first)
        }
    }

    /// The path's bytes, without a terminating zero.
    package var pathBytes: [UInt8] {
        guard holdsEscapes else { return Array(utf8) }
        return unicodeScalars.flatMap { scalar in
            escapes.contains(scalar.value)
                ? [UInt8(truncatingIfNeeded: scalar.value - escapeBase)] : Array(String(scalar).utf8)
        }
    }

    /// The path for display, with bytes that are not UTF-8 as `\xE9`.
    package var withEscapedBytes: String { withEscapedBytes(prefix: "\\x") }

    /// The path for display, with bytes that are not UTF-8 as two digits after a prefix.
    package func withEscapedBytes(prefix: String) -> String {
        guard holdsEscapes else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if escapes.contains(scalar.value) {
                text += prefix + String(scalar.value - escapeBase, radix: 16, uppercase: true)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    private var holdsEscapes: Bool {
        // Characters of plane 16 begin with this byte, which is rare.
        utf8.contains(0xF4) && unicodeScalars.contains { escapes.contains($0.value) }
    }

    /// The character at the start of the bytes; nil if there is none.
    private static func scalar(at bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        for length in 1...4 where bytes.count >= length {
            if let text = String(validating: bytes.prefix(length), as: UTF8.self) { return text.unicodeScalars.first }
        }
        return nil
    }
}
