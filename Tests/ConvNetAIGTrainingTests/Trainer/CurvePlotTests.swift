import Charts
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

@Suite struct CurvePlotTests {
    static func metrics(_ count: Int, gates: Int = 2, validated: Bool = true) -> [EpochMetrics] {
        (0..<count).map { index in
            var totals = EpochTotals()
            let loss = Float(2.3 * pow(0.8, Double(index)))
            totals.add(
                StepResult(
                    crossEntropy: loss * 0.9, targetRateLoss: loss * 0.1, loss: loss, correct: min(30 + index * 4, 98),
                    count: 100, executionRates: [Float](repeating: 0.8, count: gates), gradientNorm: 1),
                learningRate: 0.1)
            return EpochMetrics(
                epoch: index + 1, totals,
                validation: validated
                    ? ValidationResult(
                        top1: 0.35 + 0.4 * Double(index) / Double(count), top5: 0.9, meanMACs: 100, macShare: 0.7,
                        executionRates: [Double](repeating: 0.65, count: gates), images: 100) : nil)
        }
    }

    @Test(arguments: [0, 1, 2, 9, 350])
    func isWellFormedAndTheSameEachTime(_ count: Int) throws {
        for (gates, validated) in [(2, true), (0, true), (2, false), (0, false)] {
            let metrics = Self.metrics(count, gates: gates, validated: validated)
            let svg = CurvePlot(metrics).svg()
            #expect(svg == CurvePlot(metrics).svg())
            #expect(!svg.contains("nan") && !svg.contains("inf"))
            let elements = try ParsedElement.parse(svg).all
            let curves = elements.filter { $0.name == (count == 1 ? "circle" : "polyline") }.count
            #expect(curves == (count == 0 ? 0 : 4 + (validated ? 2 : 0) + (gates > 0 ? validated ? 2 : 1 : 0)))
            for element in elements where element.name == "polyline" {
                let points = try #require(element.attributes["points"]).split(separator: " ")
                #expect(points.count == count)
                for point in points {
                    let place = point.split(separator: ",").compactMap { Double($0) }
                    #expect((62...450).contains(place[0]) && (52...254).contains(place[1]))
                }
            }
        }
    }

    @Test func pointsAreWhereTheirValuesAre() throws {
        let series = CurveSeries(name: "s", style: .first, points: [(1, 0), (2, 50), (5, 100)])
        let panel = CurvePanel(title: "t", minimumRange: nil, series: [series])
        let elements = try ParsedElement.parse(panel.markup(epochs: 1...5, at: Point(x: 0, y: 0)).html).all
        let points = elements.first { $0.name == "polyline" }?.attributes["points"]
        // From x 62 to 450 and from y 254 up to 52.
        #expect(points == "62,254 159,153 450,52")
    }

    @Test func isWritten() throws {
        let folder = try TemporaryFolder()
        let plot = CurvePlot(Self.metrics(12))
        try plot.write(to: folder.file("curves.svg"))
        #expect(try String(contentsOfFile: folder.file("curves.svg"), encoding: .utf8) == plot.svg())
    }
}
