import Foundation
import Statistics
import Testing

@Suite struct ConfusionMatrixTests {
    private var matrix: ConfusionMatrix {
        var matrix = ConfusionMatrix()
        for (actual, predicted) in [(2, 0), (0, 0), (2, 2), (0, 1), (2, 0), (1, 2), (0, 0)] {
            matrix.add(actual: actual, predicted: predicted)
        }
        return matrix
    }

    @Test func entriesStandInTheOrderOfTheClasses() {
        #expect(
            matrix.entries.map { [$0.actual, $0.predicted, $0.count] } == [
                [0, 0, 2], [0, 1, 1], [1, 2, 1], [2, 0, 2], [2, 2, 1],
            ])
        #expect(matrix.totals == [0: 3, 1: 1, 2: 3])
        #expect(matrix.count(actual: 2, predicted: 0) == 2 && matrix.count(actual: 0, predicted: 2) == 0)
        #expect(matrix.confusions.map { [$0.actual, $0.predicted] } == [[2, 0], [0, 1], [1, 2]])
    }

    @Test func jsonIsTheEntries() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(matrix), as: UTF8.self)
        #expect(text.hasPrefix(#"[{"count":2,"predicted":0,"true":0},{"count":1,"predicted":1,"true":0},"#))
        #expect(try JSONDecoder().decode(ConfusionMatrix.self, from: Data(text.utf8)) == matrix)
    }

    @Test func repeatedEntriesAddUpAndImpossibleOnesDoNotCount() throws {
        let repeated = ConfusionMatrix([
            .init(actual: 0, predicted: 1, count: 2), .init(actual: 0, predicted: 1, count: 3),
            .init(actual: 1, predicted: 1, count: 0), .init(actual: 1, predicted: 0, count: -4),
        ])
        #expect(repeated.entries == [.init(actual: 0, predicted: 1, count: 5)])
        let text = [Int.max, 1].map { #"{"true": 0, "predicted": 1, "count": \#($0)}"# }.joined(separator: ",")
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(ConfusionMatrix.self, from: Data("[\(text)]".utf8))
        }
    }
}
