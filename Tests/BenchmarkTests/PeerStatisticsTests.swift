import Testing

@testable import aig_benchmark

@Suite struct PeerStatisticsTests {
    @Test func ratiosArePairwise() throws {
        let ratios = try #require(RatioStatistics(of: [1, 4, 3], to: [2, 2, 3]))
        #expect((ratios.minimum, ratios.median, ratios.maximum) == (0.5, 1, 2))
    }

    @Test func ratiosThatAreNone() {
        #expect(RatioStatistics(of: [], to: []) == nil)
        #expect(RatioStatistics(of: [1], to: [0]) == nil)
        #expect(RatioStatistics(of: [1, 2], to: [1]) == nil)
    }

    @Test func logitsAreComparedWithTheLargest() {
        #expect(LogitsComparison.difference(ours: [1, -4], theirs: [1, -4]) == 0)
        #expect(LogitsComparison.difference(ours: [1, -4], theirs: [2, -4]) == 0.25)
    }

    @Test func logitsThatCannotBeCompared() {
        for (ours, theirs) in [
            ([1], [nil]), ([1], []), ([0], [0]), ([.nan, 1], [1, 1]), ([1], [.infinity]), ([], []),
        ] as [([Float], [Float?])] {
            #expect(LogitsComparison.difference(ours: ours, theirs: theirs) == .infinity)
        }
    }

    @Test(
        arguments: [
            (3, 17, 20), (22, 3, 3), (40, 2, 2), (60, 1, 1), (400, 1, 1), (0, 200, 200), (.infinity, 1, 1),
        ] as [(Double, Int, Int)])
    func nothingIsTimedCold(_ milliseconds: Double, _ untimed: Int, _ timed: Int) {
        let turn = Turn(expecting: milliseconds)
        #expect(turn.untimed == untimed && turn.timed == timed)
    }

    @Test func turnsArePlannedForTheShortestRun() {
        var pairing = PeerPairing(contender: 0, peer: .onnxDense)
        pairing.expect(ours: 400, theirs: 3)
        pairing.expect(ours: 3, theirs: 400)
        #expect(pairing.ourTurn == Turn(expecting: 3))
        #expect(pairing.theirTurn == Turn(expecting: 3))
    }

    @Test func busyTicks() {
        #expect(OtherLoad.busyTicks(machine: "cpu  1 2 4 100 200 8 16 32 0 0\ncpu0 1 1") == 63)
        #expect(OtherLoad.busyTicks(machine: "intr 1") == nil)
        #expect(OtherLoad.busyTicks(process: "7 (a) b) S 1 1 1 0 -1 0 0 0 0 0 30 12 0 0 20") == 42)
        #expect(OtherLoad.busyTicks(process: "") == nil)
    }
}
