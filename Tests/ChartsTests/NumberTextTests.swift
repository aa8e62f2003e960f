import Testing

@testable import Charts

@Suite struct NumberTextTests {
    @Test func numbersHaveUnits() {
        #expect(NumberText.percent(0.5166) == "51.7\u{A0}%")
        #expect(NumberText.percent(0.5, 0) == "50\u{A0}%")
        #expect(NumberText.milliseconds(0.443) == "0.44\u{A0}ms")
        #expect(NumberText.milliseconds(1013) == "1013\u{A0}ms")
        #expect(NumberText.count(1, "picture") == "1\u{A0}picture")
        #expect(NumberText.count(12, "class", "classes") == "12\u{A0}classes")
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (40_818_080, "40,818,080"), (-1234, "−1,234")])
    func thousandsAreSeparated(value: Int, text: String) {
        #expect(NumberText.count(value) == text)
    }

    @Test(arguments: [(26_662_304.0, "26.7\u{A0}M"), (4.1e9, "4.1\u{A0}G"), (812, "812"), (123_456_000, "123\u{A0}M")])
    func largeNumbersAreShort(value: Double, text: String) {
        #expect(NumberText.short(value) == text)
    }

    @Test func whatIsNoNumberIsADash() {
        #expect(NumberText.percent(nil) == "–")
        #expect(NumberText.percent(.nan) == "–")
        #expect(NumberText.milliseconds(.infinity) == "–")
        #expect(NumberText.short(.nan) == "–")
    }

    @Test func negativeNumbersHaveAMinus() {
        #expect(NumberText.decimal(-0.26, 1) == "−0.3")
        #expect(NumberText.decimal(-0.01, 1) == "0.0")
    }

    @Test func probabilitiesAreNeverNothing() {
        #expect(NumberText.probability(0) == "p\u{A0}<\u{A0}0.001")
        #expect(NumberText.probability(0.0048) == "p\u{A0}=\u{A0}0.005")
    }

    @Test func listsReadAsSentences() {
        #expect(NumberText.list([]).isEmpty)
        #expect(NumberText.list(["cat"]) == "cat")
        #expect(NumberText.list(["cat", "dog", "frog"]) == "cat, dog and frog")
    }
}
