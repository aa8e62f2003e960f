/// A line of a plot.
struct CurveSeries {
    /// Told apart by colour and by dashes, so that either suffices.
    enum Style: String, CaseIterable {
        case first = "a"
        case second = "b"
        case third = "c"
    }

    let name: String
    let style: Style
    /// By ascending x.
    let points: [(x: Double, y: Double)]
}
