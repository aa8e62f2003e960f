import TestSupport
import Testing

@testable import ConvNetAIGReport

/// Charts that have something for every block.
@Suite struct BlockChartTests {
    private let blocks = SampleFigures().blocks

    @Test(arguments: [840.0, 324]) func barsAreAsHighAsRates(width: Double) throws {
        let rates = [1, 0.5, 0.25, 0, 1, 0.75, 0.1, 0.9, 0.6]
        let chart = BlockBars(label: "rates", blocks: blocks, rates: rates)
        let svg = try ParsedElement.parse(chart.svg(width: width).html)
        let bars = svg.all("rect", class: "bar")
        try #require(bars.count == 9)
        let full = bars[4].number("height")
        for (bar, rate) in zip(bars, rates) { #expect(abs(bar.number("height") - rate * full) < 0.02) }
        // All of them stand on the axis.
        #expect(Set(bars.map { ($0.number("y") + $0.number("height")).rounded() }).count == 1)
        #expect(bars.map { $0.classes.contains("always") } == [true] + Array(repeating: false, count: 8))
        let texts = svg.all("text").map(\.text)
        #expect(texts.contains("always"))
        #expect(texts.contains("stage 2"))
        #expect(texts.contains("2.1"))
    }

    @Test func manyBlocksWidenTheChartAndLoseLabels() throws {
        let deep = SampleFigures(stages: [20, 20, 20]).blocks
        let chart = BlockBars(label: "rates", blocks: deep, rates: Array(repeating: 0.5, count: 60))
        let svg = try ParsedElement.parse(chart.svg(width: 324).html)
        #expect(svg.all("rect", class: "bar").count == 60)
        #expect(svg.number("width") > 800)
        let labels = svg.all("text", class: "tick").count
        #expect(labels < 40 && labels > 10)
    }

    @Test func labelsLoseWhatTheyShare() {
        #expect(BlockLabels(blocks).names.prefix(4) == ["1.0", "1.1", "1.2", "2.0"])
        let odd = blocks.enumerated().map { index, _ in
            ModelFigures.Block(name: "a very long name \(index * 1000)", stage: 1, isGated: true, macs: 1)
        }
        #expect(BlockLabels(odd).names == (1...9).map(String.init))
        #expect(BlockLabels.stages(blocks).map(\.blocks) == [0..<3, 3..<6, 6..<9])
    }

    @Test func glyphsShowWhatRan() throws {
        let route = [true, true, false, true, false, true, true, true, false]
        let svg = try ParsedElement.parse(RouteGlyph(blocks).svg(route).html)
        let marks = svg.children
        #expect(marks.map(\.classes) == [["always"]] + route.dropFirst().map { [$0 ? "ran" : "skipped"] })
        #expect(marks.dropFirst().allSatisfy { $0.name == "rect" })
        let lefts = marks.dropFirst().map { $0.number("x") + $0.number("width") / 2 }
        // A wider step leads from one stage to the next.
        #expect(lefts[2] - lefts[1] > lefts[1] - lefts[0])
        #expect(svg.attributes["aria-label"] == "6 of 9\u{A0}blocks ran; skipped: layer1.2, layer2.1, layer3.2")
        #expect(svg.number("width") < 102)
    }

    @Test func deepGlyphsHaveARowForEachStage() throws {
        let deep = SampleFigures(stages: [3, 23, 3]).blocks
        let svg = try ParsedElement.parse(RouteGlyph(deep).svg(Array(repeating: true, count: 29)).html)
        // The second stage takes two, one of twelve and one of eleven.
        #expect(svg.number("height") == 40)
        #expect(svg.number("width") == 120)
    }
}
