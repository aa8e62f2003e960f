import Foundation
import FoundationXML

/// The elements of an XML text, in the order in which they begin.
public final class XMLElements: NSObject, XMLParserDelegate {
    public struct Element {
        public let name: String
        public let attributes: [String: String]
        /// What stands between its tags, without what stands in elements within.
        public var text = ""
    }

    private var elements: [Element] = []
    private var open: [Int] = []

    /// - Returns: nil if the text is not well-formed.
    public static func elements(of text: String) -> [Element]? {
        let parser = XMLParser(data: Data(text.utf8))
        let collector = XMLElements()
        parser.delegate = collector
        return parser.parse() ? collector.elements : nil
    }

    public func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        open.append(elements.count)
        elements.append(Element(name: name, attributes: attributes))
    }

    public func parser(_ parser: XMLParser, foundCharacters text: String) {
        if let index = open.last { elements[index].text += text }
    }

    public func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        open.removeLast()
    }
}
