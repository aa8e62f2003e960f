import ConvNetAIGReport
import Foundation
import TestSupport
import Testing

/// Reports that lack something, or have a lot of it.
@Suite struct ReportPageEdgeTests {
    private func page(_ figures: ReportFigures) throws -> ParsedElement {
        let html = ReportPage(figures).html()
        let page = try ParsedElement.parse(html)
        for element in page.all {
            // The letters of an image are anything.
            for (name, value) in element.attributes where name != "src" {
                #expect(!value.contains("nan") && value != "inf", "\(element.name) \(name)")
            }
        }
        #expect(!page.text.contains("nan"))
        return page
    }

    private func summary(_ id: String, _ page: ParsedElement) throws -> String {
        let section = try #require(page.all("section").first { $0.attributes["id"] == id })
        return try #require(section.all("p", class: "summary").first).text
    }

    @Test func missingFiguresAreSaidToBeMissing() throws {
        var sample = SampleFigures()
        var figures = sample.make()
        figures.robustness = nil
        figures.budgets = BudgetFigures(global: [], perBlock: [], dial: [])
        figures.latencies = []
        figures.contenders.removeLast()
        figures.contenders[0].latency = nil
        figures.similarity.separation = nil
        figures.claims = []
        let page = try page(figures)
        #expect(!page.all("section").contains { $0.attributes["id"] == "robustness" })
        #expect(try summary("budgets", page) == "No thresholds were moved.")
        #expect(try summary("latency", page) == "Latency was not measured.")
        #expect(try summary("headline", page).hasSuffix("No ResNet was measured beside it."))
        #expect(try !summary("similarity", page).contains("permutation"))
        #expect(page.all("ul", class: "claims").isEmpty)
        #expect(page.all("tbody").first?.children.first?.children.last?.text == "–")
    }

    @Test func nothingAtAllIsStillAPage() throws {
        var sample = SampleFigures(classes: [], stages: [], imagesPerClass: 0)
        var figures = sample.make()
        figures.contenders = []
        figures.budgets = BudgetFigures(global: [], perBlock: [], dial: [])
        figures.latencies = []
        figures.robustness?.rows = []
        let page = try page(figures)
        #expect(page.all("section").count == 11)
        #expect(page.all("svg", class: "chart").isEmpty)
        #expect(try summary("headline", page) == "No network was measured.")
        #expect(try summary("blocks", page).hasPrefix("No block has a gate"))
    }

    @Test func oneClassHasNothingToCompare() throws {
        var sample = SampleFigures(classes: ["cat"], stages: [0, 1], imagesPerClass: 5)
        let page = try page(sample.make())
        #expect(try summary("similarity", page) == "There are not enough classes to compare.")
        #expect(try summary("classes", page) == "There are not enough classes to compare.")
        #expect(try summary("depth", page).hasPrefix("A picture runs"))
    }

    @Test func classWithoutImagesHasDashes() throws {
        var sample = SampleFigures()
        var figures = sample.make()
        figures.data.imagesByClass[3] = 0
        figures.depths[3] = figures.depths[3].map { _ in 0 }
        figures.rates.top1ByClass[3] = .nan
        figures.rates.byClass[3] = figures.rates.byClass[3].map { _ in .nan }
        figures.examples[3] = ClassExamples(name: "cat", easiest: [], hardest: [])
        let page = try page(figures)
        let section = try #require(page.all("section").first { $0.attributes["id"] == "classes" })
        let row = try #require(section.all("tbody").first?.children[3])
        #expect(row.children.dropFirst(2).map(\.text) == Array(repeating: "–", count: 10) + ["0"])
        #expect(!page.all("h3").contains { $0.text == "cat" })
        #expect(
            page.all("svg").contains {
                $0.attributes["aria-label"] == "Histogram of executed blocks for cat: no pictures"
            })
    }

    @Test func manyClassesAndBlocksAreFolded() throws {
        var sample = SampleFigures(
            classes: (0..<100).map { "class \($0)" }, stages: [20, 20, 20], imagesPerClass: 4, examplesPerClass: 1)
        let figures = sample.make()
        let page = try page(figures)
        let folded = page.all("details")
        #expect(folded.contains { $0.text.contains("80\u{A0}more classes") })
        #expect(folded.contains { $0.text.contains("90\u{A0}more classes") })
        #expect(page.all("td").count { $0.classes.contains { $0.hasPrefix("h") } } == 100 * 59)
        #expect(page.all("svg", class: "small").count == 100)
    }

    @Test func figuresThatAreTooShortDoNotEndTheProgram() throws {
        var sample = SampleFigures()
        var figures = sample.make()
        figures.rates = RateFigures(byBlock: [1], byClass: [[1]], top1ByClass: [], meanMACsByClass: [])
        figures.depths = [[0, 1]]
        figures.similarity = SimilarityFigures(distances: [[0]], order: [5], merges: [], separation: nil)
        figures.graphs.commonest[0].route = [true]
        figures.graphs.commonest[0].countByClass = []
        figures.examples[0].easiest[0].route = []
        figures.data.imagesByClass = []
        figures.model.denseMACs = 0
        #expect(try page(figures).all("section").count == 11)
    }
}
