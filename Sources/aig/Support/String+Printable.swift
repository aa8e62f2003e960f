extension String {
    /// The text without control characters, which are written out as escapes: names in files must neither
    /// break the layout nor control the terminal.
    ///
    /// - Parameter keepingLines: leaves line breaks in.
    func printable(keepingLines: Bool = false) -> String {
        func isKept(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.properties.generalCategory {
            case .control: scalar == "\n" && keepingLines
            case .lineSeparator, .paragraphSeparator: false
            // The marks that reorder text are formats, but so are joiners, which scripts and emoji need.
            case .format: !("\u{202A}"..."\u{202E}" ~= scalar || "\u{2066}"..."\u{2069}" ~= scalar)
            default: true
            }
        }
        guard !unicodeScalars.allSatisfy(isKept) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            text += isKept(scalar) ? String(scalar) : scalar.escaped(asASCII: true)
        }
    }
}
