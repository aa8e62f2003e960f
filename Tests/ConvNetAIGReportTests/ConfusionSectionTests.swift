import ConvNetAIGReport
import TestSupport
import Testing

@Suite struct ConfusionSectionTests {
    private func section(_ figures: ReportFigures) throws -> ParsedElement {
        let page = try ParsedElement.parse(ReportPage(figures).html())
        return try #require(page.all("section").first { $0.attributes["id"] == "confusion" })
    }

    private func summary(_ section: ParsedElement) -> String? { section.all("p", class: "summary").first?.text }

    @Test func matrixShowsEveryCount() throws {
        var sample = SampleFigures()
        let figures = sample.make()
        let section = try section(figures)
        #expect(
            summary(section)
                == "210\u{A0}pictures were taken for another class, over 20\u{A0}pairs of classes. Most often airplane was "
                + "taken for automobile: 16\u{A0}pictures, 8.0\u{A0}% of the class. The other way round it was 0.")
        let charts = section.all("svg", class: "chart")
        #expect(charts.count == 2 && section.all("table").isEmpty)
        for chart in charts {
            let cells = chart.all("rect")
            #expect(cells.count == 100)
            // 179 of 200 on the diagonal, 16 beside it and 5 beyond.
            #expect(cells.enumerated().allSatisfy { ($1.classes == ["always"]) == ($0 % 11 == 0) })
            #expect(cells.count { $0.classes == ["h10"] } == 10)
            #expect(cells.count { $0.classes == ["h3"] } == 10)
            #expect(cells.count { $0.classes == ["h0"] } == 70)
            let texts = chart.all("text", class: "cell").map(\.text)
            #expect(texts.prefix(6) == ["179", "16", "5", "179", "16", "5"] && texts.count == 30)
            let titles = cells.compactMap { $0.children.first?.text }
            #expect(titles[1] == "airplane taken for automobile: 16\u{A0}pictures, 8.0\u{A0}%")
        }
    }

    /// 100,000 images of a class do not fit a cell as they are.
    @Test func countsFitTheirCells() throws {
        var sample = SampleFigures(classes: ["cat", "dog", "frog"], imagesPerClass: 3)
        var figures = sample.make()
        figures.confusion = ConfusionMatrix([
            .init(actual: 0, predicted: 0, count: 123_456), .init(actual: 0, predicted: 1, count: 1234),
            .init(actual: 0, predicted: 2, count: 999),
        ])
        let chart = try #require(try section(figures).all("svg", class: "chart").first)
        #expect(chart.all("text", class: "cell").map(\.text) == ["123k", "1.2k", "999"])
        // Classes without images have empty rows.
        #expect(chart.all("rect").map(\.classes) == [["always"], ["h10"], ["h8"]])
    }

    @Test(arguments: [40, 41]) func manyClassesAreListed(count: Int) throws {
        var sample = SampleFigures(classes: (0..<count).map { "class \($0)" }, stages: [1], imagesPerClass: 40)
        var figures = sample.make()
        figures.confusion?.add(actual: 7, predicted: 3, count: 9)
        let section = try section(figures)
        guard count > 40 else {
            #expect(section.all("table").isEmpty && section.all("svg", class: "chart").count == 2)
            return
        }
        #expect(section.all("svg", class: "chart").isEmpty)
        let rows = try #require(section.all("tbody").first).children.map { $0.children.map(\.text) }
        #expect(rows.count == 20)
        #expect(rows[0].prefix(3) == ["class 7", "class 3", "9"])
        // 9 of 49, with SciPy's interval.
        #expect(rows[0][3] == "18.4\u{A0}%10.0–31.4\u{A0}%")
        #expect(section.all("figcaption").first?.text.contains("of 83") == true)
    }

    @Test func nothingConfusedAndNothingCounted() throws {
        var sample = SampleFigures()
        var figures = sample.make()
        figures.confusion = ConfusionMatrix([.init(actual: 2, predicted: 2, count: 5)])
        #expect(summary(try section(figures)) == "Every picture was taken for what it is.")
        figures.confusion = ConfusionMatrix()
        let empty = try section(figures)
        #expect(summary(empty) == "There are no pictures to confuse." && empty.all("figure").isEmpty)
        figures.confusion = nil
        let page = try ParsedElement.parse(ReportPage(figures).html())
        #expect(!page.all("section").contains { $0.attributes["id"] == "confusion" })
    }

    /// Indices from a file may be any.
    @Test func classesThatThereAreNotAreNumbered() throws {
        var sample = SampleFigures()
        var figures = sample.make()
        figures.confusion = ConfusionMatrix([.init(actual: -1, predicted: 99, count: 5)])
        #expect(try #require(summary(try section(figures))).contains("class -1 was taken for class 99"))
    }
}
