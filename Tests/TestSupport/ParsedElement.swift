import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// An element of a page or an image, as an XML parser reads it.
package final class ParsedElement {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let name: String
    package let attributes: [String: String]
    package fileprivate(set) var children: [ParsedElement] = []
    /// Its own and that of what it holds, but for titles.
    package fileprivate(set) var text = ""

    fileprivate init(name: String, attributes: [String: String]) {
        self.name = name
        self.attributes = attributes
    }

    /// - Throws: `Failure` if the text is not well-formed.
    package static func parse(_ text: String) throws -> ParsedElement {
        let parser = XMLParser(data: Data(text.utf8))
        let builder = Builder()
        parser.delegate = builder
        guard parser.parse(), let root = builder.root else {
            throw Failure(
                description: "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "nothing there")")
        }
        return root
    }

    /// Itself and what it holds, in the order of the text.
    package var all: [ParsedElement] { [self] + children.flatMap(\.all) }

    package func all(_ name: String, class style: String? = nil) -> [ParsedElement] {
        all.filter { element in
            element.name == name && (style.map { element.classes.contains($0) } ?? true)
        }
    }

    package var classes: [String] { attributes["class", default: ""].split(separator: " ").map(String.init) }

    package func number(_ attribute: String) -> Double { attributes[attribute].flatMap { Double($0) } ?? .nan }

    /// The places that a line joins.
    package var points: [(x: Double, y: Double)] {
        attributes["points", default: ""].split(separator: " ").map { pair in
            let numbers = pair.split(separator: ",").compactMap { Double($0) }
            return (numbers.first ?? .nan, numbers.last ?? .nan)
        }
    }
}

private final class Builder: NSObject, XMLParserDelegate {
    private(set) var root: ParsedElement?
    private var open: [ParsedElement] = []

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        let element = ParsedElement(name: name, attributes: attributes)
        open.last?.children.append(element)
        if root == nil { root = element }
        open.append(element)
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        let isTitle = open.last?.name == "title" && open.dropLast().last?.name != "head"
        for element in open where !isTitle || element === open.last { element.text += text }
    }
}
