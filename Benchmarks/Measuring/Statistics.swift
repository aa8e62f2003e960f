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

/// Minimum, median and maximum of the ratios of paired samples.
struct RatioStatistics: Hashable {
    let minimum: Double
    let median: Double
    let maximum: Double

    /// The ratios of dividends to divisors; nil without pairs, or if a divisor is not above zero.
    init?(of dividends: [Double], to divisors: [Double]) {
        guard dividends.count == divisors.count, divisors.allSatisfy({ $0 > 0 }) else { return nil }
        let ratios = zip(dividends, divisors).map { $0 / $1 }
        guard let minimum = ratios.min(), let maximum = ratios.max(),
            let median = Statistics.median(of: ratios)
        else { return nil }
        self.minimum = minimum
        self.median = median
        self.maximum = maximum
    }
}
