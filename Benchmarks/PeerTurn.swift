/// How often a network runs when it is its turn: first untimed, to warm up, then timed. Short ones run many times, so that
/// both sides work for about as long.
///
/// Neither side may be timed cold. After a pause of 50 ms or more the first run of ResNet-50 takes up to half as long again
/// (measured on 2 cores of a virtual machine: 60 to 65 ms instead of 42), the second at times a tenth more, and from the
/// third on all are as fast as back to back. ONNX Runtime's behave in the same way, so that it is the machine that has to
/// wake, not a library.
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
