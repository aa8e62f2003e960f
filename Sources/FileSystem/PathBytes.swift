import Foundation

// A path is bytes to the system, and text to people: names written by other systems need not be UTF-8. Here a path is a
// `String` throughout, in which a byte that is no UTF-8 stands as a private-use character of its own, and becomes that byte
// again when the file is opened. Python does the same with lone surrogates (PEP 383), which a `String` cannot hold.

/// The private-use characters that stand for the bytes 0x80 to 0xFF.
private let escapes: ClosedRange<UInt32> = 0x10_FE80...0x10_FEFF
private let escapeBase: UInt32 = 0x10_FE00

extension String {
    /// The text of a path, from which ``withPathBytes(_:)`` gets the same bytes back.
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
                // A character that is an escape itself has its bytes escaped too, so that none is taken for another's.
                if let escape = Unicode.Scalar(escapeBase + UInt32(first)) { result.append(escape) }
                rest = rest.dropFirst()
            }
        }
        self = String(result)
    }

    /// Calls `body` with the path as the system takes it, ended by a zero.
    package func withPathBytes<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        guard holdsEscapes else { return try withCString(body) }
        var bytes = pathBytes.map { CChar(bitPattern: $0) }
        bytes.append(0)
        return try bytes.withUnsafeBufferPointer { bytes in
            guard let first = bytes.baseAddress else { return try "".withCString(body) }
            return try body(first)
        }
    }

    /// The path's bytes, without a zero at their end.
    package var pathBytes: [UInt8] {
        guard holdsEscapes else { return Array(utf8) }
        return unicodeScalars.flatMap { scalar in
            escapes.contains(scalar.value)
                ? [UInt8(truncatingIfNeeded: scalar.value - escapeBase)] : Array(String(scalar).utf8)
        }
    }

    /// The path for people: bytes that are no UTF-8 as `\xE9`.
    package var withEscapedBytes: String { withEscapedBytes(prefix: "\\x") }

    /// Likewise, with something else than `\x` before a byte's two digits.
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
        // Plane 16 begins with this byte, which hardly any text has.
        utf8.contains(0xF4) && unicodeScalars.contains { escapes.contains($0.value) }
    }

    /// The character that the bytes begin with, or nil if they begin with none.
    private static func scalar(at bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        for length in 1...4 where bytes.count >= length {
            if let text = String(validating: bytes.prefix(length), as: UTF8.self) { return text.unicodeScalars.first }
        }
        return nil
    }
}

/// Opens a file, as open(2) does.
/// - Returns: the descriptor, or -1 with `errno` set.
package func openFile(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 {
    // A zero byte would cut the path short and open another file.
    guard !path.utf8.contains(0) else {
        errno = ENOENT
        return -1
    }
    return path.withPathBytes { open($0, flags | O_CLOEXEC, mode) }
}
