import Foundation
import Statistics
import Testing

@Suite struct ConfidenceIntervalTests {
    /// What SciPy's `binomtest(count, total).proportion_ci(method="wilson")` gives.
    @Test(arguments: [
        (0, 10, 0, 0.27753279986288926), (10, 10, 0.7224672001371109, 1),
        (1, 10, 0.017876213095072896, 0.4041500267952385), (5, 10, 0.236593090512564, 0.7634069094874361),
        (3, 7, 0.1582198552514697, 0.7495416354723428), (1, 1, 0.20654931437723745, 1),
        (8899, 10_000, 0.8836146613084712, 0.8958858967620751),
        (9110, 10_000, 0.9052601419062624, 0.9164242114330415),
    ])
    func wilsonIntervalIsThatOfSciPy(count: Int, total: Int, low: Double, high: Double) throws {
        let interval = try #require(ConfidenceInterval.wilson(count, of: total))
        #expect(abs(interval.low - low) < 1e-14)
        #expect(abs(interval.high - high) < 1e-14)
        let share = try #require(ConfidenceInterval.wilson(share: Double(count) / Double(total), of: total))
        #expect(share == interval)
    }

    @Test func wilsonIntervalHoldsTheShareWithinNothingAndAll() throws {
        for total in 1...60 {
            for count in 0...total {
                let interval = try #require(ConfidenceInterval.wilson(count, of: total))
                let share = Double(count) / Double(total)
                #expect(0 <= interval.low && interval.low <= share && share <= interval.high && interval.high <= 1)
                #expect(interval.low < interval.high)
                #expect((interval.low == 0) == (count == 0) && (interval.high == 1) == (count == total))
            }
        }
    }

    @Test func thereIsNoIntervalOfNothing() {
        for (count, total) in [(0, 0), (1, 0), (0, -3), (-1, 5), (6, 5)] {
            #expect(ConfidenceInterval.wilson(count, of: total) == nil)
        }
        for share in [-0.1, 1.1, .nan, .infinity] { #expect(ConfidenceInterval.wilson(share: share, of: 10) == nil) }
        #expect(ConfidenceInterval.wilson(share: 0.5, of: 0) == nil)
    }

    /// A mean of 49.5 with a standard deviation of √(100 · 101 / 12).
    @Test func meansAreNearlyNormal() throws {
        let interval = try #require(ConfidenceInterval.mean(of: (0..<100).map(Double.init)))
        let reach = 1.959963984540054 * (8.416666666666666).squareRoot()
        #expect(abs(interval.low - (49.5 - reach)) < 1e-12 && abs(interval.high - (49.5 + reach)) < 1e-12)
        #expect(
            ConfidenceInterval.mean(of: [Double](repeating: 0.25, count: 30))
                == ConfidenceInterval(low: 0.25, high: 0.25))
        #expect(ConfidenceInterval.mean(of: (0..<29).map(Double.init)) == nil)
    }

    /// By hand: tanh(artanh 0.5 ± 1.96 √(1.125 / 97)).
    @Test func rankCorrelationsStayWithinOne() throws {
        let interval = try #require(ConfidenceInterval.rankCorrelation(0.5, pairs: 100))
        #expect(abs(interval.low - 0.325897) < 1e-6 && abs(interval.high - 0.641302) < 1e-6)
        for correlation in [-1.0, 1] {
            #expect(
                ConfidenceInterval.rankCorrelation(correlation, pairs: 10)
                    == ConfidenceInterval(low: correlation, high: correlation))
        }
        #expect(ConfidenceInterval.rankCorrelation(0.5, pairs: 9) == nil)
        #expect(ConfidenceInterval.rankCorrelation(.nan, pairs: 100) == nil)
    }

    @Test func jsonIsAPair() throws {
        let interval = ConfidenceInterval(low: 0.25, high: 0.5)
        let data = try JSONEncoder().encode(interval)
        #expect(String(decoding: data, as: UTF8.self) == "[0.25,0.5]")
        #expect(try JSONDecoder().decode(ConfidenceInterval.self, from: data) == interval)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(ConfidenceInterval.self, from: Data("[0.25]".utf8))
        }
    }
}
