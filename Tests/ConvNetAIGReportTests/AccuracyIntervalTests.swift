import ConvNetAIGReport
import TestSupport
import Testing

/// Where the page shows an accuracy, it shows how sure it is.
@Suite struct AccuracyIntervalTests {
    private func page(_ figures: ReportFigures) throws -> ParsedElement {
        try ParsedElement.parse(ReportPage(figures).html())
    }

    private func section(_ id: String, _ figures: ReportFigures) throws -> ParsedElement {
        try #require(try page(figures).all("section").first { $0.attributes["id"] == id })
    }

    private var figures: ReportFigures {
        var sample = SampleFigures()
        return sample.make()
    }

    @Test func tablesShowIntervals() throws {
        let figures = figures
        func intervals(_ id: String) throws -> [String] {
            try section(id, figures).all("span", class: "interval").map(\.text)
        }
        // Of the first contender alone there are intervals.
        #expect(try intervals("headline") == ["90.0–92.5\u{A0}%", "99.3–99.9\u{A0}%"])
        #expect(try intervals("classes") == Array(repeating: "85.1–93.4\u{A0}%", count: 10))
        #expect(try intervals("graphs").count == figures.graphs.commonest.count)
        #expect(try intervals("budgets").count == figures.budgets.dial.count)
        // 20 accuracies, and changed decisions of the network that has gates.
        #expect(try intervals("robustness").count == 20 + 10)
    }

    @Test func chartsShowIntervals() throws {
        let figures = figures
        for (id, count) in [("budgets", figures.budgets.dial.count + 1), ("robustness", 20)] {
            let chart = try #require(try section(id, figures).all("svg", class: "chart").first)
            let whiskers = chart.all("line", class: "whisker")
            #expect(whiskers.count == count, "\(id)")
            let height = chart.number("height")
            for whisker in whiskers {
                #expect(whisker.number("x1") == whisker.number("x2"))
                #expect(0 < whisker.number("y2") && whisker.number("y2") < whisker.number("y1"))
                #expect(whisker.number("y1") < height)
            }
        }
        let caption = try #require(try section("budgets", figures).all("figcaption").first).text
        #expect(caption.contains("reach at most 1.2 points either way"))
    }

    @Test func headlineTellsNetworksApartByTheSameImages() throws {
        var figures = figures
        var text = try #require(try section("headline", figures).all("p", class: "comparison").first).text
        #expect(
            text
                == "Of the 2,000\u{A0}pictures that both classified, 183 tell them apart: convnet-aig-cifar-20 alone is "
                + "right about 89, resnet-cifar-20 alone about 94. The difference of −0.25 percentage points has a "
                + "95 % interval of −1.59 to +1.09; McNemar’s test (χ² = 0.09, corrected for continuity) gives "
                + "p\u{A0}=\u{A0}0.767.")
        figures.comparison = ComparisonFigures(
            first: "a", second: "b", counts: PairedCounts(both: 80, onlyFirst: 10, onlySecond: 2), leftOut: 3)
        text = try #require(try section("headline", figures).all("p", class: "comparison").first).text
        #expect(text.contains("(3 that could not be read are left out)"))
        #expect(text.contains("McNemar’s test (exact) gives p\u{A0}=\u{A0}0.039."))
        figures.comparison = ComparisonFigures(first: "a", second: "b", counts: PairedCounts())
        text = try #require(try section("headline", figures).all("p", class: "comparison").first).text
        #expect(text == "There is no picture that a and b both classified.")
        figures.comparison = nil
        #expect(try section("headline", figures).all("p", class: "comparison").isEmpty)
    }

    @Test func figuresOfBeforeThereWereIntervalsAreAPageToo() throws {
        var figures = figures
        for index in figures.contenders.indices { figures.contenders[index].top1Interval = nil }
        for index in figures.contenders.indices { figures.contenders[index].top5Interval = nil }
        figures.rates.top1IntervalsByClass = nil
        let headline = try section("headline", figures)
        #expect(headline.all("span", class: "interval").isEmpty)
        #expect(try section("classes", figures).all("span", class: "interval").isEmpty)
    }
}
