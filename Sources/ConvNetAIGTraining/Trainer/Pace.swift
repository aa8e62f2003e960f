/// How long the rest of a run will take if it goes on as it has since this process took it up.
struct Pace {
    private let start: Double
    private let first: Int
    private var now: Double
    private var done: Int

    /// - Parameters:
    ///   - start: in seconds.
    ///   - done: steps that others have done before.
    init(start: Double, done: Int) {
        self.start = start
        self.first = done
        now = start
        self.done = done
    }

    mutating func update(now: Double, done: Int) {
        self.now = now
        self.done = done
    }

    /// nil as long as nothing has been done.
    func secondsLeft(of steps: Int) -> Double? {
        guard done > first else { return nil }
        return (now - start) / Double(done - first) * Double(steps - done)
    }
}
