import Testing

@testable import aig_benchmark

@Suite struct StatisticsTests {
    @Test func quantilesOfKnownSamples() {
        let samples = [40.0, 10, 30, 20, 50]
        #expect(samples.quantile(0) == 10)
        #expect(samples.median == 30)
        #expect(samples.quantile(1) == 50)
        // numpy.percentile([10, 20, 30, 40, 50], 90) and of four values at 50
        #expect(samples.quantile(0.9) == 46)
        #expect(([1, 2, 3, 10] as [Double]).median == 2.5)
    }

    @Test func oneSampleIsEveryQuantile() {
        #expect(([7] as [Double]).quantile(0.9) == 7)
        #expect(([7] as [Double]).median == 7)
    }

    @Test func noSamplesHaveNone() {
        #expect([Double]().median == nil)
    }

    @Test func sharesBeyondTheRangeAreItsEnds() {
        #expect(([1, 2] as [Double]).quantile(-1) == 1)
        #expect(([1, 2] as [Double]).quantile(2) == 2)
    }
}
