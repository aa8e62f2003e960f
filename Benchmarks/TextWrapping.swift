/// Breaking of lines between words.
enum TextWrapping {
    /// - Parameters:
    ///   - width: most characters in a line; a longer word has one to itself.
    ///   - indent: begins every line but the first.
    static func wrapped(_ text: String, width: Int, indent: String = "") -> String {
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: \.isWhitespace) {
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
