/// How often a network runs when it is its turn: first untimed, to warm up, then timed. Short ones run many times, so that
/// both sides work for about as long, and both are timed in the same state: as back to back.
///
/// A first run after a pause would say something else. PoCL's threads, which sleep between batches, wake at times on one
/// core, until the system spreads them: on 2 cores ResNet-50 took 58 to 65 ms instead of 44 in its first run after 300 ms,
/// now and then after 50 ms too, and up to a fifth more in its second. With the threads pinned (POCL_AFFINITY=1) the first
/// run was as fast as any, and so was ONNX Runtime's.
struct PeerTurn: Hashable {
    /// Runs before the timed ones.
    let untimed: Int
    let timed: Int

    /// - Parameter milliseconds: what a run is thought to take.
    init(expecting milliseconds: Double) {
        let expected = max(milliseconds, 0.01)
        func runs(filling span: Double) -> Int { min(max(Int((span / expected).rounded(.up)), 1), Self.mostRuns) }
        untimed = runs(filling: Self.untimedMilliseconds)
        timed = runs(filling: Self.timedMilliseconds)
    }

    private static let untimedMilliseconds = 50.0
    private static let timedMilliseconds = 60.0
    private static let mostRuns = 200
}
