import Foundation

/// Text and numbers as SVG has them.
enum SVGText {
    /// Text for contents and attributes. What XML has no way to write becomes a replacement character.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n", "\r": result += " "
            // Marks that reorder the text around them.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": result += "\u{FFFD}"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// Text of so many characters at most, escaped.
    static func escaped(_ text: String, limit: Int) -> String {
        escaped(text.count <= limit ? text : text.prefix(max(limit - 1, 0)) + "…")
    }

    /// A tenth of a pixel is more than can be seen.
    static func number(_ value: Double) -> String {
        let text = String(format: "%.1f", value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
