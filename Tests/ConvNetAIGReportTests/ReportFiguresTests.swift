import ConvNetAIGReport
import Foundation
import Testing

@Suite struct ReportFiguresTests {
    @Test func figuresSurviveJSON() throws {
        let claim = Claim(text: "Graphs differ", verdict: .holds, evidence: "37 graphs")
        #expect(try JSONDecoder().decode(Claim.self, from: JSONEncoder().encode(claim)) == claim)
    }
}
