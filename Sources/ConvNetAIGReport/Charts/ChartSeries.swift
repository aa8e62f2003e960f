/// A line of a chart.
struct ChartSeries: Sendable {
    var name: String
    var style: SeriesStyle
    var points: [Place]
    /// Whether each value is marked, or only the line is drawn.
    var isMarked: Bool
    /// Whether a line joins the values.
    var isJoined: Bool

    /// - Parameters:
    ///   - points: values, not places in the drawing; those that are not numbers are left out.
    init(name: String, style: SeriesStyle, points: [Place], isMarked: Bool = true, isJoined: Bool = true) {
        self.name = name
        self.style = style
        self.points = points.filter { $0.x.isFinite && $0.y.isFinite }.sorted { $0.x < $1.x }
        self.isMarked = isMarked
        self.isJoined = isJoined
    }
}
