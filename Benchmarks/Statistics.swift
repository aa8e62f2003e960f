/// Order statistics of samples.
enum Statistics {
    /// The value below which the given share of the samples lies, interpolated between the two nearest
    /// samples; nil without samples.
    static func percentile(_ share: Double, of samples: [Double]) -> Double? {
        let sorted = samples.sorted()
        guard let last = sorted.last else { return nil }
        let position = min(max(share, 0), 1) * Double(sorted.count - 1)
        let index = Int(position)
        guard index + 1 < sorted.count else { return last }
        return sorted[index] + (position - Double(index)) * (sorted[index + 1] - sorted[index])
    }

    static func median(of samples: [Double]) -> Double? { percentile(0.5, of: samples) }
}
