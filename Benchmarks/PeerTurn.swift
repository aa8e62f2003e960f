/// How often a network runs when it is its turn. Small ones run many times, so that both sides work for about
/// as long and that neither is timed cold: a run right after waiting takes up to twice as long, as threads
/// have to be woken.
struct PeerTurn: Hashable {
    /// Runs before the timed ones.
    let untimed: Int
    let timed: Int

    /// - Parameter milliseconds: what a run is thought to take.
    init(expecting milliseconds: Double) {
        let expected = max(milliseconds, 0.01)
        timed = min(max(Int(Self.timedMilliseconds / expected), 1), Self.mostRuns)
        untimed =
            expected > Self.longMilliseconds
            ? 0 : min(max(Int(Self.untimedMilliseconds / expected), 1), Self.mostRuns)
    }

    private static let timedMilliseconds = 30.0
    private static let untimedMilliseconds = 10.0
    /// Of runs that take longer, waking is no part worth counting.
    private static let longMilliseconds = 100.0
    private static let mostRuns = 50
}
