import FileSystem
import Foundation

extension String {
    /// The text without control characters and bytes that are not UTF-8, which are written as escapes: names in files
    /// must neither break the layout nor control the terminal.
    ///
    /// - Parameter keepingLines: leaves line breaks in.
    package func printable(keepingLines: Bool = false) -> String {
        let text = withEscapedBytes
        func isKept(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.properties.generalCategory {
            case .control: scalar == "\n" && keepingLines
            case .lineSeparator, .paragraphSeparator: false
            // The marks that reorder text are formats, but so are joiners, which scripts and emoji need.
            case .format: !("\u{202A}"..."\u{202E}" ~= scalar || "\u{2066}"..."\u{2069}" ~= scalar)
            default: true
            }
        }
        guard !text.unicodeScalars.allSatisfy(isKept) else { return text }
        return text.unicodeScalars.reduce(into: "") { text, scalar in
            text += isKept(scalar) ? String(scalar) : scalar.escaped(asASCII: true)
        }
    }

    /// The text broken into lines between words.
    ///
    /// - Parameters:
    ///   - width: the most characters in a line; a longer word has one to itself.
    ///   - indent: begins every line but the first.
    package func wrapped(width: Int, indent: String = "") -> String {
        var lines: [String] = []
        var line = ""
        for word in split(whereSeparator: \.isWhitespace) {
            if line.isEmpty {
                line = String(word)
            } else if line.count + 1 + word.count <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = indent + word
            }
        }
        return (lines + [line]).joined(separator: "\n")
    }
}

/// Machine-readable output. Keys are in snake case and sorted, so that the same result is the same text. Bytes of names
/// that are not UTF-8 are written as escapes, as on the terminal.
package enum JSONText {
    /// A value over several lines.
    package static func pretty(_ value: some Encodable) throws -> String {
        try text(value, [.prettyPrinted])
    }

    /// A value in one line.
    package static func line(_ value: some Encodable) throws -> String {
        try text(value, [])
    }

    private static func text(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        // In a string of JSON a backslash is written twice.
        return String(decoding: try encoder.encode(value), as: UTF8.self).withEscapedBytes(prefix: "\\\\x")
    }
}
