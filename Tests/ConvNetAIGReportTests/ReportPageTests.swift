import ConvNetAIGReport
import Foundation
import TestSupport
import Testing

@Suite struct ReportPageTests {
    private func page(_ figures: ReportFigures) throws -> ParsedElement {
        try ParsedElement.parse(ReportPage(figures).html())
    }

    private func section(_ id: String, _ page: ParsedElement) throws -> ParsedElement {
        try #require(page.all("section").first { $0.attributes["id"] == id })
    }

    private var figures: ReportFigures {
        var sample = SampleFigures()
        return sample.make()
    }

    @Test func sectionsStandInOrder() throws {
        let page = try page(figures)
        let ids = page.all("section").compactMap { $0.attributes["id"] }
        #expect(
            ids == [
                "headline", "confusion", "blocks", "classes", "depth", "examples", "graphs", "similarity", "budgets",
                "latency",
                "robustness",
            ])
        #expect(page.all("nav").first?.all("a").compactMap { $0.attributes["href"] } == ids.map { "#" + $0 })
        for section in page.all("section") {
            let summary = try #require(section.all("p", class: "summary").first)
            #expect(summary.text.count > 30)
            #expect(!summary.text.contains("nan"))
        }
    }

    @Test func pageNeedsNothingElse() throws {
        let html = ReportPage(figures).html()
        let page = try ParsedElement.parse(html)
        #expect(page.all("script").isEmpty)
        #expect(page.all("link").isEmpty)
        #expect(!html.contains("url("))
        #expect(!html.contains("@import"))
        let sources = page.all.compactMap { $0.attributes["src"] }
        #expect(sources.count == 60)
        #expect(sources.allSatisfy { $0.hasPrefix("data:image/") })
        #expect(page.all.compactMap { $0.attributes["href"] }.allSatisfy { $0.hasPrefix("#") })
    }

    @Test func imagesAreDescribed() throws {
        let page = try page(figures)
        for svg in page.all("svg") where svg.attributes["aria-hidden"] == nil {
            #expect(svg.attributes["role"] == "img")
            #expect(svg.attributes["aria-label", default: ""].count > 10)
        }
        for figure in page.all("figure") { #expect(figure.children.first?.name == "figcaption") }
        for table in page.all("table") {
            #expect(table.all("th").allSatisfy { $0.attributes["scope"] != nil })
            #expect(table.all("tbody").first?.children.allSatisfy { $0.children.first?.name == "th" } == true)
        }
        #expect(page.all("img").allSatisfy { $0.attributes["alt", default: ""].count > 5 })
        let ids = page.all.compactMap { $0.attributes["id"] }
        #expect(Set(ids).count == ids.count)
    }

    @Test func headlineComparesWithTheResNet() throws {
        let headline = try section("headline", page(figures))
        let summary = try #require(headline.all("p", class: "summary").first).text
        #expect(summary.contains("classifies 91.3\u{A0}% of 2,000\u{A0}pictures correctly"))
        #expect(summary.contains("0.3 percentage points less accuracy"))
        let verdicts = headline.all("span", class: "verdict").map(\.text)
        #expect(verdicts == ["✓ holds", "✓ holds", "✗ does not hold", "– not known"])
        let rows = try #require(headline.all("tbody").first).children
        #expect(rows.map { $0.children.last?.text } == ["0.44\u{A0}ms", "0.51\u{A0}ms", "0.46\u{A0}ms"])
    }

    @Test func heatMapHasEveryRate() throws {
        let figures = figures
        let table = try #require(try section("classes", page(figures)).all("table").first)
        let rows = try #require(table.all("tbody").first).children
        #expect(rows.compactMap { $0.children.first?.text } == figures.model.classes)
        for (row, rates) in zip(rows, figures.rates.byClass) {
            let cells = row.children.dropFirst().prefix(9)
            #expect(cells.first?.text == "all")
            for (cell, rate) in zip(cells, rates).dropFirst() {
                #expect(cell.text == String(format: "%.0f", 100 * rate))
                #expect(cell.classes.contains("h\(Int((10 * rate).rounded()))"))
            }
        }
        #expect(table.all("th", class: "stage").map { $0.attributes["colspan"] } == ["3", "3", "3"])
    }

    @Test func commonestGraphsAreRanked() throws {
        let figures = figures
        let rows = try #require(try section("graphs", page(figures)).all("tbody").first).children
        let widths = rows.compactMap { row in
            row.all("span").compactMap { $0.attributes["style"] }.first
                .flatMap { Double($0.dropFirst("width:".count).dropLast()) }
        }
        let counts = figures.graphs.commonest.map { Double($0.count) }
        try #require(widths.count == counts.count)
        for (width, count) in zip(widths, counts) { #expect(abs(width - 100 * count / counts[0]) < 0.01) }
        let marks = try #require(rows.first?.all("svg").first).children.map { $0.classes.contains("skipped") }
        #expect(marks == figures.graphs.commonest[0].route.map { !$0 })
    }

    @Test func attackHasFourLinesThatDiffer() throws {
        let charts = try section("robustness", page(figures)).all("svg", class: "chart")
        let lines = try #require(charts.first).all("polyline", class: "curve")
        #expect(lines.count == 4)
        #expect(Set(lines.map(\.classes)).count == 4)
        let markers = Set(
            try #require(charts.first).all.filter { $0.classes.contains("dot") }.map {
                "\($0.name)\($0.points.count)"
            })
        #expect(markers == ["circle0", "rect0", "polygon3", "polygon4"])
    }

    @Test func textOfDataIsText() throws {
        let evil = "</title><script>alert('\"&amp;')</script>"
        var sample = SampleFigures(classes: [evil, "dog"], imagesPerClass: 10)
        var figures = sample.make()
        figures.data.name = evil
        figures.data.skipped = [evil]
        figures.model.name = evil
        figures.claims[0].evidence = evil
        figures.examples[0].easiest[0].image = "javascript:alert(1)"
        figures.examples[0].easiest[1].image = "https://example.org/x.png"
        let page = try page(figures)
        #expect(page.all("script").isEmpty)
        #expect(page.all("h1").first?.text == "\(evil) on \(evil)")
        #expect(page.all("h3").contains { $0.text == evil })
        #expect(page.all("footer").first?.all("li").map(\.text) == [evil])
        #expect(page.all("img").count == figures.examples.flatMap { $0.easiest + $0.hardest }.count - 2)
        #expect(page.all("div", class: "blank").count == 2)
    }
}
