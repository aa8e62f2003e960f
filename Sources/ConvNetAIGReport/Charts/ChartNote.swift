/// A value that a chart marks and labels.
struct ChartNote: Sendable {
    var text: String
    var point: Place
    /// nil where a series already marks it.
    var style: SeriesStyle?
}
