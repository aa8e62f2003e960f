/// How long networks are measured that take turns.
struct TimeBudget: Hashable {
    /// Aimed at, for each network.
    var secondsPerNetwork: Double
    /// Rounds to be had even if they take longer than that.
    var minimumRounds: Int

    static let standard = TimeBudget(secondsPerNetwork: 2, minimumRounds: 10)
    static let quick = TimeBudget(secondsPerNetwork: 0.7, minimumRounds: 5)

    /// A median needs three values.
    static let fewestRounds = 3
    /// Enough for any percentile that is reported.
    static let mostRounds = 5000

    /// Whether to go on after so many rounds. The minimum gives way to `fewestRounds` where it would take
    /// more than twice the time: a large network at a large batch has many images in every round.
    func wantsRound(after rounds: Int, seconds: Double, networks: Int) -> Bool {
        let budget = secondsPerNetwork * Double(networks)
        if rounds < Self.fewestRounds { return true }
        if rounds < minimumRounds { return seconds < 2 * budget }
        return rounds < Self.mostRounds && seconds < budget
    }

    /// Whether to go on warming up: kernels are specialised as routes first need them, and automatic
    /// scheduling learns from the first runs.
    func wantsWarmUp(after rounds: Int, seconds: Double, networks: Int) -> Bool {
        if rounds < 1 { return true }
        return rounds < 20 && seconds < 0.2 * secondsPerNetwork * Double(networks)
    }
}
