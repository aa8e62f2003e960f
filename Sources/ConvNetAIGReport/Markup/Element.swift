/// An element of HTML or SVG.
package struct Element: Sendable, Hashable {
    package struct Attribute: Sendable, Hashable {
        var name: String
        var value: String
    }

    var name: String
    var attributes: [Attribute]
    var children: [Markup]

    /// Those of HTML that have no end tag, and those of SVG that hold nothing here. HTML takes `<p/>` for a start tag.
    private static let void: Set = [
        "br", "hr", "img", "link", "meta", "rect", "line", "path", "polyline", "polygon", "circle", "image",
    ]
    /// Whose children may go on lines of their own without a space appearing between words.
    private static let blocks: Set = [
        "html", "head", "body", "main", "header", "section", "figure", "table", "thead", "tbody", "tr", "ul", "dl",
        "div",
        "svg", "g", "nav", "footer", "details",
    ]

    func write(to output: inout String) {
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
