/// Order statistics of samples.
extension [Double] {
    /// The value below which the given share of the samples lies, interpolated between the two nearest samples; nil
    /// without samples. Shares outside of 0...1 are taken for the nearer end.
    func quantile(_ share: Double) -> Double? {
        let sorted = sorted()
        guard let last = sorted.last else { return nil }
        let position = Swift.min(Swift.max(share, 0), 1) * Double(sorted.count - 1)
        let lower = Int(position)
        guard lower + 1 < sorted.count else { return last }
        return sorted[lower] + (position - Double(lower)) * (sorted[lower + 1] - sorted[lower])
    }

    /// The middle value, or the mean of the middle two; nil without samples.
    var median: Double? { quantile(0.5) }
}
