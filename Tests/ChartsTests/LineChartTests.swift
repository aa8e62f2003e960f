import TestSupport
import Testing

@testable import Charts

@Suite struct LineChartTests {
    /// The places of ticks tell what any other place means.
    private func value(_ y: Double, _ svg: ParsedElement) throws -> Double {
        let ticks = svg.all("text", class: "tick").filter { $0.attributes["text-anchor"] == "end" }
        let first = try #require(ticks.first)
        let last = try #require(ticks.last)
        let (low, high) = (try #require(Double(first.text)), try #require(Double(last.text)))
        return low + (y - (first.number("y") - 4)) / (last.number("y") - first.number("y")) * (high - low)
    }

    @Test(arguments: [840.0, 324]) func linesGoThroughTheirValues(width: Double) throws {
        let points = [Point(x: 0, y: 91.4), Point(x: 2, y: 60), Point(x: 8, y: 12.5)]
        let chart = LineChart(
            label: "lines", xTitle: "ε", yTitle: "Accuracy (%)",
            series: [ChartSeries(name: "a", style: SeriesStyle(1), points: points.reversed())], minimumY: 0...0)
        let svg = try ParsedElement.parse(chart.svg(width: width).html)
        let line = try #require(svg.all("polyline").first)
        #expect(line.classes == ["curve", "c1", "d1"])
        #expect(line.points.count == 3)
        for (place, point) in zip(line.points, points) { #expect(abs(try value(place.y, svg) - point.y) < 0.05) }
        // Three quarters of the way from 0 to 8 lie between the second and the third.
        let xs = line.points.map(\.x)
        #expect(abs((xs[2] - xs[1]) / (xs[2] - xs[0]) - 0.75) < 0.001)
        #expect(svg.all("rect", class: "dot").count == 3)
    }

    @Test func seriesOfOneValueIsMarked() throws {
        let chart = LineChart(
            label: "one", xTitle: "x", yTitle: "y",
            series: [ChartSeries(name: "a", style: SeriesStyle(0), points: [Point(x: 1, y: 1)], isMarked: false)])
        let svg = try ParsedElement.parse(chart.svg(width: 324).html)
        #expect(svg.all("polyline").isEmpty)
        #expect(svg.all("circle", class: "dot").count == 1)
    }

    @Test func whatIsNoNumberIsLeftOut() throws {
        let chart = LineChart(
            label: "gaps", xTitle: "x", yTitle: "y",
            series: [
                ChartSeries(
                    name: "a", style: SeriesStyle(0),
                    points: [Point(x: 0, y: 1), Point(x: 1, y: .nan), Point(x: .infinity, y: 1), Point(x: 3, y: 2)])
            ], annotations: [ChartAnnotation(text: "nowhere", point: Point(x: .nan, y: 1), style: SeriesStyle(1))])
        let svg = try ParsedElement.parse(chart.svg(width: 324).html)
        #expect(svg.all("polyline").first?.points.count == 2)
        #expect(!svg.all("text").contains { $0.text == "nowhere" })
    }

    @Test func stylesDifferInEveryWay() {
        let styles = (0..<4).map { SeriesStyle($0) }
        #expect(Set(styles.map(\.color)).count == 4)
        #expect(Set(styles.map(\.dash)).count == 4)
        #expect(Set(styles.map(\.marker)).count == 4)
        #expect(SeriesStyle(4 * 6) == SeriesStyle(0))
    }

    @Test func labelsKeepClearOfEachOther() throws {
        let bounds = Box(x: 0, y: 0, width: 300, height: 200)
        let points = (0..<6).map { Point(x: 150 + Double($0) * 3, y: 100) }
        var placement = LabelPlacement(bounds: bounds, markers: points, curves: [])
        let labels = points.compactMap { placement.add("a contender", at: $0)?.box }
        #expect(labels.count >= 4)
        for (index, label) in labels.enumerated() {
            #expect(bounds.contains(label))
            #expect(!labels.dropFirst(index + 1).contains(where: label.intersects))
            #expect(!points.contains { $0.x > label.x && $0.x < label.right && $0.y > label.y && $0.y < label.bottom })
        }
    }

    @Test func labelWithoutRoomIsLeftOut() {
        var placement = LabelPlacement(bounds: Box(x: 0, y: 0, width: 30, height: 30), markers: [], curves: [])
        #expect(placement.add("much longer than the bounds", at: Point(x: 15, y: 15)) == nil)
    }
}
