import TestSupport
import Testing

@testable import Charts

@Suite struct MarkupTests {
    @Test func markupInTextIsText() throws {
        let text = "<b class=\"x\">Tom & 'Jerry'</b>"
        let root = try ParsedElement.parse(Markup.tag("p", ["title": text], text).html)
        #expect(root.text == text)
        #expect(root.attributes["title"] == text)
        #expect(root.children.isEmpty)
    }

    @Test func charactersThatXMLForbidsAreReplaced() {
        #expect(Markup.escaped("a\u{0}b\u{1B}c\u{FFFF}\n") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}\n")
    }

    @Test func marksThatReorderTextAreReplaced() {
        #expect(Markup.escaped("cat\u{202E}gnp\u{2066}.") == "cat\u{FFFD}gnp\u{FFFD}.")
    }

    @Test func onlyVoidElementsCloseThemselves() {
        #expect(Markup.tag("td").html == "<td></td>")
        #expect(Markup.tag("img", ["src": "x"]).html == "<img src=\"x\"/>")
        #expect(Markup.tag("p", [:], [.text("a"), .tag("b", [:], "c")]).html == "<p>a<b>c</b></p>")
    }

    @Test(arguments: [(0.0, "0"), (-0.001, "0"), (1.5, "1.5"), (-12.256, "-12.26"), (100, "100")])
    func numbersOfImagesAreShort(value: Double, text: String) {
        #expect(SVG.number(value) == text)
    }

    @Test func longNamesAreShortened() {
        #expect(TextWidth.shortened("wallaby, brush kangaroo", to: 10) == "wallaby, …")
        #expect(TextWidth.shortened("cat", to: 3) == "cat")
        #expect(TextWidth.of("WWWW") > TextWidth.of("iiii"))
    }
}
