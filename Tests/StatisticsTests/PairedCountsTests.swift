import Foundation
import Statistics
import Testing

@Suite struct PairedCountsTests {
    /// What SciPy's `binomtest(b, b + c, 0.5).pvalue` gives.
    @Test(arguments: [
        (0, 0, 1), (1, 5, 0.21875), (10, 2, 0.03857421875), (12, 12, 1), (0, 6, 0.03125),
        (3, 21, 0.0002771615982055664), (8, 16, 0.15158963203430176),
    ])
    func fewDiscordantImagesAreTestedExactly(onlyFirst: Int, onlySecond: Int, p: Double) {
        let test = PairedCounts(both: 100, onlyFirst: onlyFirst, onlySecond: onlySecond, neither: 5).mcNemarTest
        #expect(test.method == .exact && test.statistic == nil)
        #expect(abs(test.p - p) < 1e-15)
    }

    /// By hand, with SciPy's `chi2.sf(statistic, 1)`.
    @Test(arguments: [
        (13, 12, 0, 1), (59, 6, 41.6, 1.1199327149542469e-10), (150, 86, 16.81779661016949, 4.114562281345944e-05),
        (25, 0, 23.04, 1.5866563039511885e-06), (20, 20, 0, 1), (400, 493, 9.478163493840986, 0.002079320153233117),
    ])
    func manyAreTestedByChiSquare(onlyFirst: Int, onlySecond: Int, statistic: Double, p: Double) throws {
        for (b, c) in [(onlyFirst, onlySecond), (onlySecond, onlyFirst)] {
            let test = PairedCounts(both: 3, onlyFirst: b, onlySecond: c).mcNemarTest
            #expect(test.method == .chiSquare)
            #expect(abs(try #require(test.statistic) - statistic) < 1e-12)
            #expect(abs(test.p - p) <= 1e-12 * p)
        }
    }

    /// Table III of Newcombe's paper, to the digits that it prints; the last, which has as many images as there are here, by
    /// another program.
    @Test(arguments: [
        (PairedCounts(both: 36, onlyFirst: 12, onlySecond: 2, neither: 0), 0.0569, 0.3404),
        (PairedCounts(both: 20, onlyFirst: 12, onlySecond: 2, neither: 16), 0.0562, 0.3292),
        (PairedCounts(both: 18, onlyFirst: 12, onlySecond: 2, neither: 18), 0.0562, 0.3290),
        (PairedCounts(both: 36, onlyFirst: 14, onlySecond: 0, neither: 0), 0.1528, 0.4167),
        (PairedCounts(both: 35, onlyFirst: 14, onlySecond: 0, neither: 1), 0.1461, 0.4175),
        (PairedCounts(both: 18, onlyFirst: 14, onlySecond: 0, neither: 18), 0.1441, 0.3963),
        (PairedCounts(both: 2, onlyFirst: 97, onlySecond: 1, neither: 0), 0.8721, 0.9854),
        (PairedCounts(both: 1, onlyFirst: 97, onlySecond: 1, neither: 1), 0.8736, 0.9850),
        (PairedCounts(both: 0, onlyFirst: 30, onlySecond: 0, neither: 0), 0.8395, 1),
        (PairedCounts(both: 54, onlyFirst: 0, onlySecond: 0, neither: 0), -0.0664, 0.0664),
        (PairedCounts(both: 30, onlyFirst: 0, onlySecond: 0, neither: 24), -0.0358, 0.0358),
        (PairedCounts(both: 8600, onlyFirst: 400, onlySecond: 493, neither: 507), -0.0152, -0.0034),
    ])
    func differenceIntervalIsNewcombes(_ counts: PairedCounts, low: Double, high: Double) throws {
        let interval = try #require(counts.differenceInterval)
        #expect(counts.difference == Double(counts.onlyFirst - counts.onlySecond) / Double(counts.count))
        // Its last digit is not always rounded.
        #expect(abs(interval.low - low) < 1e-4 && abs(interval.high - high) < 1e-4)
        let reverse = PairedCounts(
            both: counts.both, onlyFirst: counts.onlySecond, onlySecond: counts.onlyFirst, neither: counts.neither)
        let mirrored = try #require(reverse.differenceInterval)
        #expect(abs(mirrored.low + interval.high) < 1e-12 && abs(mirrored.high + interval.low) < 1e-12)
    }

    @Test func intervalsHoldTheirDifferences() throws {
        for both in 0...4 {
            for b in 0...4 {
                for c in 0...4 {
                    let counts = PairedCounts(both: both, onlyFirst: b, onlySecond: c, neither: 1)
                    let (difference, interval) = (
                        try #require(counts.difference), try #require(counts.differenceInterval)
                    )
                    #expect(-1 <= interval.low && interval.low <= difference)
                    #expect(difference <= interval.high && interval.high <= 1)
                }
            }
        }
    }

    @Test func nothingHasNoDifference() {
        let nothing = PairedCounts()
        #expect(nothing.count == 0 && nothing.difference == nil && nothing.differenceInterval == nil)
        #expect(nothing.mcNemarTest.p == 1)
    }

    @Test func imagesAreCounted() throws {
        var counts = PairedCounts()
        for (first, second) in [(true, true), (true, false), (true, false), (false, true), (false, false)] {
            counts.add(first: first, second: second)
        }
        #expect(counts == PairedCounts(both: 1, onlyFirst: 2, onlySecond: 1, neither: 1))
        #expect(counts.count == 5 && counts.discordant == 3)
        let decoded = try JSONDecoder().decode(PairedCounts.self, from: JSONEncoder().encode(counts))
        #expect(decoded == counts)
    }

    /// A file may hold anything.
    @Test func impossibleCountsAreRefusedOrNothing() throws {
        let most = #"{"both": \#(Int.max), "onlyFirst": 1, "onlySecond": 0, "neither": 0}"#
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(PairedCounts.self, from: Data(most.utf8)) }
        let negative = #"{"both": 3, "onlyFirst": -1, "onlySecond": -5, "neither": 2}"#
        let counts = try JSONDecoder().decode(PairedCounts.self, from: Data(negative.utf8))
        #expect(counts == PairedCounts(both: 3, neither: 2) && counts.mcNemarTest.p == 1)
    }
}
