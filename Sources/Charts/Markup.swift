/// A piece of a document: text, or an element with its children.
///
/// It is written as well-formed XML that an HTML parser reads the same way, so that one tree serves for HTML and SVG and an
/// XML parser can check either.
package enum Markup: Sendable, Hashable {
    case text(String)
    case element(Element)
    /// A style sheet: the one place where HTML does not resolve escapes.
    case style(String)

    /// An element of HTML or SVG.
    package struct Element: Sendable, Hashable {
        var name: String
        var attributes: [Attribute]
        var children: [Markup]

        struct Attribute: Sendable, Hashable {
            var name: String
            var value: String
        }
    }

    /// - Parameter attributes: name and value; an empty value is written as such.
    package static func tag(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
    ) -> Markup {
        .element(
            Element(
                name: name, attributes: attributes.map { Element.Attribute(name: $0.key, value: $0.value) },
                children: children))
    }

    /// An element that holds nothing but text.
    package static func tag(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: String
    ) -> Markup {
        tag(name, attributes, [.text(text)])
    }

    /// The document's text.
    package var html: String {
        var output = ""
        write(to: &output)
        return output
    }

    fileprivate func write(to output: inout String) {
        switch self {
        case .text(let text): output += Self.escaped(text)
        case .element(let element): element.write(to: &output)
        case .style(let sheet): output += "<style>\(sheet)</style>"
        }
    }

    /// Text of which neither HTML nor XML reads a character as markup, within an attribute or without, and that does not
    /// reorder the text around it.
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

extension Markup.Element {
    /// Elements of HTML that have no end tag, and elements of SVG that are empty here. HTML reads `<p/>` as a start tag.
    private static let void: Set = [
        "br", "hr", "img", "link", "meta", "rect", "line", "path", "polyline", "polygon", "circle", "image",
    ]
    /// Elements whose children may stand on lines of their own without a space appearing between words.
    private static let blocks: Set = [
        "html", "head", "body", "main", "header", "section", "figure", "table", "thead", "tbody", "tr", "ul", "dl",
        "div", "svg", "g", "nav", "footer", "details",
    ]

    fileprivate func write(to output: inout String) {
        output += "<\(name)"
        for attribute in attributes { output += " \(attribute.name)=\"\(Markup.escaped(attribute.value))\"" }
        if children.isEmpty, Self.void.contains(name) {
            output += "/>"
            return
        }
        output += ">"
        let separator = Self.blocks.contains(name) ? "\n" : ""
        if !children.isEmpty { output += separator }
        for child in children {
            child.write(to: &output)
            output += separator
        }
        output += "</\(name)>"
    }
}
