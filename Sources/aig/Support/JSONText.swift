import FileSystem
import Foundation

/// Machine-readable output. Keys are in snake case and sorted, so that the same result is the same text.
/// Bytes of names that are no UTF-8 are written out, as on the terminal.
enum JSONText {
    /// A value over several lines.
    static func pretty(_ value: some Encodable) throws -> String {
        try text(value, [.prettyPrinted])
    }

    /// A value in one line.
    static func line(_ value: some Encodable) throws -> String {
        try text(value, [])
    }

    private static func text(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws
        -> String
    {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        // In a string of JSON a backslash is written twice.
        return String(decoding: try encoder.encode(value), as: UTF8.self).withEscapedBytes(prefix: "\\\\x")
    }
}
