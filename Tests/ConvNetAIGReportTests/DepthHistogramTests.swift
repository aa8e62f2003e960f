import TestSupport
import Testing

@testable import ConvNetAIGReport

@Suite struct DepthHistogramTests {
    private let histogram = DepthHistogram(
        label: "depths", counts: [0, 0, 10, 30, 60], depths: 2...4, highest: 0.6)

    @Test func meansAndRangesAreCounted() {
        #expect(DepthHistogram.mean([0, 0, 10, 30, 60]) == 3.5)
        #expect(DepthHistogram.mean([0, 0]) == nil)
        #expect(DepthHistogram.depths([[0, 0, 1], [0, 0, 0, 0, 2]]) == 2...4)
        #expect(DepthHistogram.depths([[], [0]]) == nil)
    }

    @Test func barsAreShares() throws {
        for svg in [histogram.svg(width: 500), histogram.smallSVG(name: "cat")] {
            let bars = try ParsedElement.parse(svg.html).all("rect", class: "bar")
            try #require(bars.count == 3)
            let heights = bars.map { $0.number("height") }
            #expect(abs(heights[1] / heights[0] - 3) < 0.01)
            #expect(abs(heights[2] / heights[0] - 6) < 0.01)
            #expect(
                abs((bars[1].number("x") - bars[0].number("x")) - (bars[2].number("x") - bars[1].number("x"))) < 0.02)
        }
    }

    @Test func meanStandsBetweenTheBars() throws {
        let svg = try ParsedElement.parse(histogram.svg(width: 500).html)
        let bars = svg.all("rect", class: "bar").map { $0.number("x") + $0.number("width") / 2 }
        let mean = try #require(svg.all("line", class: "mean").first)
        #expect(abs(mean.number("x1") - (bars[1] + bars[2]) / 2) < 0.02)
    }

    @Test func classWithoutImagesHasNoBars() throws {
        let empty = DepthHistogram(label: "none", counts: [0, 0, 0], depths: 0...2, highest: 1)
        let svg = try ParsedElement.parse(empty.smallSVG(name: "cat").html)
        #expect(svg.all("rect").isEmpty)
        #expect(svg.all("line", class: "mean").isEmpty)
        #expect(svg.all("text").first?.text == "cat")
    }
}
