import FileSystem

extension String {
    /// The text without control characters and bytes that are no UTF-8, which are written out as escapes: names in files must neither
    /// break the layout nor control the terminal.
    ///
    /// - Parameter keepingLines: leaves line breaks in.
    func printable(keepingLines: Bool = false) -> String {
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
}
