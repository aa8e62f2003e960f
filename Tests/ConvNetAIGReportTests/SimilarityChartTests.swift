import Charts
import TestSupport
import Testing

@testable import ConvNetAIGReport

@Suite struct SimilarityChartTests {
    private let similarity = SimilarityFigures(
        distances: [[0, 0.4, 0.1], [0.4, 0, 0.32], [0.1, 0.32, 0]], order: [1, 0, 2],
        merges: [
            SimilarityFigures.Merge(left: 0, right: 2, distance: 0.1),
            SimilarityFigures.Merge(left: 1, right: 3, distance: 0.35),
        ], separation: nil)

    private func svg(_ similarity: SimilarityFigures, width: Double = 840) throws -> ParsedElement {
        let labels = ClassLabels(
            classes: ["cat", "ship", "dog"], order: similarity.order, groupByClass: [0, 1, 0])
        let chart = SimilarityChart(label: "similarity", labels: labels, similarity: similarity)
        return try ParsedElement.parse(chart.svg(width: width).html)
    }

    @Test(arguments: [840.0, 324]) func cellsStandInTheOrderOfTheClasses(width: Double) throws {
        let svg = try svg(similarity, width: width)
        // ship, cat, dog: without the diagonal.
        #expect(svg.all("text", class: "cell").map(\.text) == ["40", "32", "40", "10", "32", "10"])
        let cells = svg.all("rect").filter { $0.classes.contains { $0.hasPrefix("h") } }
        #expect(cells.map(\.classes) == [["h10"], ["h8"], ["h10"], ["h3"], ["h8"], ["h3"]])
        let rows = svg.all("text", class: "label").filter { $0.attributes["transform"] == nil }
        #expect(rows.prefix(3).map(\.text) == ["ship", "cat", "dog"])
    }

    @Test func jointsStandAtTheirDistances() throws {
        let svg = try svg(similarity)
        let joints = svg.all("polyline", class: "joint").map(\.points)
        try #require(joints.count == 2)
        let left = joints[0][0].x
        #expect(abs((joints[1][1].x - left) / (joints[0][1].x - left) - 3.5) < 0.01)
        // The second begins where the first ends, halfway between its branches.
        let end = joints[1][3]
        #expect(abs(end.x - joints[0][1].x) < 0.02)
        #expect(abs(end.y - (joints[0][0].y + joints[0][3].y) / 2) < 0.02)
    }

    @Test func wrongFiguresAreDrawnAsFarAsTheyGo() throws {
        var wrong = similarity
        wrong.order = [0, 0]
        wrong.distances = [[0, 0.2]]
        wrong.merges.append(SimilarityFigures.Merge(left: 70, right: 80, distance: 0.5))
        let svg = try svg(wrong)
        #expect(svg.all("polyline", class: "joint").count == 2)
        #expect(svg.all("text", class: "cell").map(\.text) == ["20"])
    }
}
