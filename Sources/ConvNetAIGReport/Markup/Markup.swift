/// A piece of the page: text, or an element with what it holds.
///
/// What is written is well-formed XML that an HTML parser reads the same way, so that one tree serves for HTML and SVG, and
/// an XML parser can check either.
package enum Markup: Sendable, Hashable {
    case text(String)
    case element(Element)
    /// A style sheet: the one place where HTML does not resolve escapes.
    case style(String)

    /// - Parameter attributes: name and value; an empty value is written as such.
    static func tag(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
    ) -> Markup {
        .element(
            Element(
                name: name, attributes: attributes.map { Element.Attribute(name: $0.key, value: $0.value) },
                children: children))
    }

    /// An element that holds nothing but text.
    static func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: String) -> Markup {
        tag(name, attributes, [.text(text)])
    }

    func write(to output: inout String) {
        switch self {
        case .text(let text): output += Self.escaped(text)
        case .element(let element): element.write(to: &output)
        case .style(let sheet): output += "<style>\(sheet)</style>"
        }
    }

    package var html: String {
        var output = ""
        write(to: &output)
        return output
    }

    /// Text such that neither HTML nor XML reads a character of it as markup, within an attribute or without, and that leaves
    /// the order of the text around it alone.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result.unicodeScalars.append(character)
            // Marks that reorder the text around them.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": result += "\u{FFFD}"
            // Neither standard has a way to write the other control characters.
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{FFFE}"..."\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
