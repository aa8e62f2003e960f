/// A result and how many timed runs it rests on.
struct MeasuredRow: Hashable {
    let result: BenchmarkResult
    let runs: Int
    /// Whether its routes were drawn, run by run.
    let areRoutesDrawn: Bool
}
