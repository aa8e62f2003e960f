/// How much room a text takes in a chart. No fonts are at hand, so this is a generous guess.
package enum TextWidth {
    /// The size of letters in charts, in pixels.
    static let fontSize = 12.0

    static func of(_ text: String, fontSize: Double = fontSize) -> Double {
        text.unicodeScalars.reduce(0) { $0 + share(of: $1) } * fontSize
    }

    /// The text, or its beginning and an ellipsis where it is longer than so many letters.
    package static func shortened(_ text: String, to count: Int) -> String {
        text.count <= count ? text : text.prefix(max(count - 1, 1)) + "…"
    }

    /// Of the font's size, and that of a wide font.
    private static func share(of character: Unicode.Scalar) -> Double {
        switch character {
        case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!": 0.34
        case " ", "\u{A0}", "f", "t", "r", "(", ")", "/", "-": 0.42
        case "m", "w", "M", "W", "%", "@": 0.97
        case "A"..."Z": 0.74
        case "\u{2E80}"..."\u{10FFFF}": 1.05
        default: 0.65
        }
    }
}
