/// The interval that a value of a chart lies in.
struct ChartWhisker: Sendable {
    var x: Double
    var low: Double
    var high: Double

    /// The 95 % interval of a share, as a chart in percent shows it; nil where it is not known.
    init?(x: Double, share interval: ConfidenceInterval?) {
        guard let interval, x.isFinite, interval.low.isFinite, interval.high.isFinite else { return nil }
        self.x = x
        low = 100 * interval.low
        high = 100 * interval.high
    }
}
