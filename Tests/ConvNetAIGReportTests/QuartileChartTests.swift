import TestSupport
import Testing

@testable import ConvNetAIGReport

@Suite struct QuartileChartTests {
    @Test(arguments: [840.0, 324]) func mediansLieWithinTheirBars(width: Double) throws {
        let latencies = [(3, 0.2), (4, 0.4), (6, 0.8)].map { blocks, median in
            LatencyFigures(
                blocks: blocks, images: 10, median: median, lowerQuartile: 0.9 * median, upperQuartile: 1.2 * median)
        }
        let svg = try ParsedElement.parse(QuartileChart(label: "times", latencies: latencies).svg(width: width).html)
        let dots = svg.all("circle", class: "dot")
        try #require(dots.count == 3)
        let floor = svg.all("line", class: "axis").map { $0.number("y1") }.min() ?? .nan
        let heights = dots.map { floor - $0.number("cy") }
        #expect(abs(heights[1] / heights[0] - 2) < 0.01)
        #expect(abs(heights[2] / heights[0] - 4) < 0.01)
        // Two blocks more are twice as far as one.
        let xs = dots.map { $0.number("cx") }
        #expect(abs((xs[2] - xs[1]) / (xs[1] - xs[0]) - 2) < 0.01)
        let bars = svg.all("line", class: "whisker").filter { $0.number("x1") == $0.number("x2") }
        try #require(bars.count == 3)
        for (bar, height) in zip(bars, heights) {
            #expect(abs(floor - bar.number("y1") - 0.9 * height) < 0.05)
            #expect(abs(floor - bar.number("y2") - 1.2 * height) < 0.05)
        }
    }
}
