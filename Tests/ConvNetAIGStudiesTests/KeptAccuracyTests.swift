import Statistics
import Testing

@testable import ConvNetAIGStudies

@Suite struct KeptAccuracyTests {
    /// Independent draws that are the same in every run.
    private static func draws(_ count: Int, seed: UInt64, _ chance: Double) -> [Bool] {
        var generator = PhiloxGenerator(seed: seed)
        return (0..<count).map { _ in Double.random(in: 0..<1, using: &generator) < chance }
    }

    /// A network that is right about 90 % of the images, and under attack about a share of these.
    private static func outcomes(_ count: Int, seed: UInt64, kept: [Double]) -> AttackOutcomes {
        let unchanged = draws(count, seed: seed, 0.9)
        return AttackOutcomes(
            indices: Array(0..<count), unchanged: unchanged,
            attacked: kept.enumerated().map { place, share in
                zip(unchanged, draws(count, seed: seed + 100 + UInt64(place), share)).map { $0 && $1 }
            })
    }

    @Test func sharesAreOfTheUnchangedAccuracy() throws {
        let first = AttackOutcomes(
            indices: [3, 5, 7, 9], unchanged: [true, true, false, true],
            attacked: [[true, false, true, true], [false, false, false, true]])
        let second = AttackOutcomes(
            indices: [9, 7, 5, 1], unchanged: [true, true, true, true],
            attacked: [[true, true, false, false], [false, false, true, false]])
        let kept = try #require(KeptAccuracy(first, second))
        // Of the images 5, 7 and 9, which both have: the first is right about 5 and 9, the second about all.
        #expect(kept.first == [1, 0.5] && kept.second == [2.0 / 3, 1.0 / 3])
        #expect(abs(kept.difference - 0.25) < 1e-12 && kept.moreOften == 2)
        #expect(kept.interval == nil)
    }

    /// Of 400 pairs of networks that keep as much, the interval of one in twenty does not hold the difference.
    @Test func intervalsHoldTheDifferenceAsOftenAsTheySay() throws {
        var held = 0
        for run in 0..<400 {
            let seed = UInt64(1000 * run)
            let kept = try #require(
                KeptAccuracy(
                    Self.outcomes(300, seed: seed, kept: [0.7, 0.3]),
                    Self.outcomes(300, seed: seed + 500, kept: [0.6, 0.4])))
            let interval = try #require(kept.interval)
            #expect(interval.low <= kept.difference && kept.difference <= interval.high)
            if interval.low <= 0 && 0 <= interval.high { held += 1 }
        }
        // The standard deviation of 380 is 4.4.
        #expect((362...398).contains(held), "\(held)")
    }

    /// The interval would have no width, as if nothing else could come of other images.
    @Test func theSameNetworkKeepsTheSame() throws {
        let outcomes = Self.outcomes(100, seed: 5, kept: [0.5])
        let kept = try #require(KeptAccuracy(outcomes, outcomes))
        #expect(kept.difference == 0 && kept.interval == nil)
    }

    @Test func nothingIsKeptOfNothing() {
        let wrong = AttackOutcomes(indices: [0, 1], unchanged: [false, false], attacked: [[false, true]])
        let right = AttackOutcomes(indices: [0, 1], unchanged: [true, false], attacked: [[false, true]])
        let twice = AttackOutcomes(
            indices: [0, 1], unchanged: [true, true], attacked: [[true, true], [true, true]])
        let none = AttackOutcomes(indices: [0, 1], unchanged: [true, true], attacked: [])
        let others = AttackOutcomes(indices: [4, 5], unchanged: [true, true], attacked: [[true, true]])
        for (first, second) in [(wrong, right), (right, wrong), (right, twice), (none, none), (right, others)] {
            #expect(KeptAccuracy(first, second) == nil)
        }
    }
}
