import Testing

@testable import aig_benchmark

@Suite struct TimeBudgetTests {
    private let budget = TimeBudget(secondsPerNetwork: 2, targetRounds: 10)

    @Test func goesOnUntilTheTimeIsUp() {
        #expect(budget.wantsRound(after: 500, seconds: 3.9, networks: 2))
        #expect(!budget.wantsRound(after: 500, seconds: 4.1, networks: 2))
    }

    @Test func minimumTakesUpToTwiceTheTime() {
        #expect(budget.wantsRound(after: 9, seconds: 7.9, networks: 2))
        #expect(!budget.wantsRound(after: 9, seconds: 8.1, networks: 2))
        #expect(!budget.wantsRound(after: 10, seconds: 7.9, networks: 2))
    }

    @Test func minRoundsAreHadAtAnyCost() {
        #expect(budget.wantsRound(after: 2, seconds: 1000, networks: 1))
        #expect(!budget.wantsRound(after: 3, seconds: 1000, networks: 1))
    }

    @Test func endsInFiniteRounds() {
        #expect(!budget.wantsRound(after: TimeBudget.maxRounds, seconds: 0, networks: 1))
    }

    @Test func warmUpIsShort() {
        #expect(budget.wantsWarmUp(after: 0, seconds: 100, networks: 1))
        #expect(!budget.wantsWarmUp(after: 1, seconds: 100, networks: 1))
        #expect(!budget.wantsWarmUp(after: 20, seconds: 0, networks: 1))
    }
}
