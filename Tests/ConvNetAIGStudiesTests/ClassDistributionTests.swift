import Foundation
import Testing

@testable import ConvNetAIGStudies

@Suite struct ClassDistributionTests {
    @Test func divergenceOfKnownDistributions() throws {
        // Probabilities of 1/2, 1/4, 1/4 and of 1/4, 1/4, 1/2; the divergence is 1/2 ln 2 - 1/4 ln 2.
        let first = try #require(ClassDistribution(logits: [log(2), 0, 0]))
        let second = try #require(ClassDistribution(logits: [3, 3, 3 + log(2)]))
        #expect(abs(first.probability(of: 0) - 0.5) < 1e-7)
        #expect(abs(second.probability(of: 2) - 0.5) < 1e-7)
        #expect(abs(first.divergence(to: second) - log(2) / 4) < 1e-7)
        #expect(first.divergence(to: first) == 0)
    }

    @Test func logitsFarApart() throws {
        // Probabilities that are 0 in any precision still have logarithms.
        let first = try #require(ClassDistribution(logits: [2000, 0]))
        let second = try #require(ClassDistribution(logits: [0, 2000]))
        #expect(first.probability(of: 0) == 1)
        #expect(first.probability(of: 1) == 0)
        #expect(first.divergence(to: second) == 2000)
    }

    @Test(arguments: [[Float.nan, 1], [.infinity, 1], [1, -.infinity], []])
    func noDistribution(_ logits: [Float]) {
        #expect(ClassDistribution(logits: logits) == nil)
    }
}
