import Testing

@testable import aig_benchmark

@Suite struct StatisticsTests {
    @Test func percentilesOfKnownSamples() {
        let samples = [40.0, 10, 30, 20, 50]
        #expect(Statistics.percentile(0, of: samples) == 10)
        #expect(Statistics.median(of: samples) == 30)
        #expect(Statistics.percentile(1, of: samples) == 50)
        // numpy.percentile([10, 20, 30, 40, 50], 90) and of four values at 50
        #expect(Statistics.percentile(0.9, of: samples) == 46)
        #expect(Statistics.median(of: [1, 2, 3, 10]) == 2.5)
    }

    @Test func oneSampleIsEveryPercentile() {
        #expect(Statistics.percentile(0.9, of: [7]) == 7)
        #expect(Statistics.median(of: [7]) == 7)
    }

    @Test func noSamplesHaveNone() {
        #expect(Statistics.median(of: []) == nil)
    }

    @Test func sharesBeyondTheRangeAreItsEnds() {
        #expect(Statistics.percentile(-1, of: [1, 2]) == 1)
        #expect(Statistics.percentile(2, of: [1, 2]) == 2)
    }
}
