import Statistics
import Testing

@Suite struct OrderStatisticsTests {
    @Test func ranksShareTies() {
        #expect(Ranks.of([3, 1, 3, 2]) == [3.5, 1, 3.5, 2])
        #expect(Ranks.correlation([1, 2, 3], [2, 4, 6]).map { abs($0 - 1) < 1e-12 } == true)
        #expect(Ranks.correlation([1, 2, 3], [5, 5, 5]) == nil)
        #expect(Ranks.correlation([1, 2, 3], [3, 2, 1]).map { abs($0 + 1) < 1e-12 } == true)
    }

    @Test func quantilesInterpolate() {
        #expect([4, 1, 3, 2].quantile(0.5) == 2.5)
        #expect([4, 1, 3, 2].quantile(1) == 4)
        #expect([7].quantile(0.25) == 7)
        // numpy.percentile([10, 20, 30, 40, 50], 90)
        #expect([40, 10, 30, 20, 50].quantile(0.9) == 46)
    }

    @Test func endsAndMedianOfKnownSamples() {
        let samples: [Double] = [40, 10, 30, 20, 50]
        #expect(samples.quantile(0) == 10)
        #expect(samples.median == 30)
        #expect(samples.quantile(1) == 50)
        #expect([1, 2, 3, 10].median == 2.5)
    }

    @Test func oneSampleIsEveryQuantile() {
        #expect([7].quantile(0.9) == 7)
        #expect([7].median == 7)
    }

    @Test func quantilesStayWithinTheValues() {
        #expect([4, 1, 3, 2].quantile(0.25) == 1.75)
        #expect([4, 1, 3, 2].quantile(-1) == 1)
        #expect([4, 1, 3, 2].quantile(2) == 4)
        #expect([5, 1, 9].median == 5)
        #expect([Double]().median == nil)
    }
}
