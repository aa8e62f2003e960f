import ConvNetAIGReport
import Foundation
import Testing

@Suite struct ReportFiguresTests {
    @Test func figuresSurviveJSON() throws {
        var sample = SampleFigures()
        let figures = sample.make()
        let text = try figures.json()
        #expect(try JSONDecoder().decode(ReportFigures.self, from: Data(text.utf8)) == figures)
        #expect(try figures.json() == text)
        #expect(text.hasPrefix("{\n  \"budgets\""))
    }

    @Test func figuresThatAreNoNumbersAreRefused() {
        var sample = SampleFigures(imagesPerClass: 2, examplesPerClass: 0)
        var figures = sample.make()
        figures.graphs.entropy = .nan
        #expect(throws: EncodingError.self) { try figures.json() }
    }
}
