/// How ratios of paired samples spread.
struct RatioStatistics: Hashable {
    let minimum: Double
    let median: Double
    let maximum: Double

    /// Of each sample to the one it was paired with; nil without pairs, or where a divisor is not above zero.
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
