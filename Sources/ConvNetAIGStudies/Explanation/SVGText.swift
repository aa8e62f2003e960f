import ConvNetAIGReport
import Foundation

/// Text and numbers as SVG has them.
enum SVGText {
    /// Text for contents and attributes.
    static func escaped(_ text: String) -> String { Markup.escaped(text) }

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
