import Foundation

/// A 95 % confidence interval. In JSON it is `[low, high]`.
public struct ConfidenceInterval: Sendable, Hashable {
    public var low: Double
    public var high: Double

    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    /// The normal distribution's quantile at 0.975: so many standard deviations either way hold 95 %.
    static let deviations = 1.959963984540054

    /// Fewer values than these are not taken to have a normal mean.
    package static let leastForMean = 30

    /// The score interval of a proportion (Wilson 1927, *Probable inference, the law of succession, and statistical
    /// inference*): with p = count / total, n = total and z the quantile for 95 %,
    ///
    ///     (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
    ///
    /// It is within 0...1, and has a width for proportions of 0 and 1 too.
    ///
    /// - Returns: nil of nothing (`total` below 1), and where `count` is not in `0...total`.
    public static func wilson(_ count: Int, of total: Int) -> ConfidenceInterval? {
        guard total > 0, (0...total).contains(count) else { return nil }
        let (n, p, z) = (Double(total), Double(count) / Double(total), deviations)
        let scale = 1 + z * z / n
        let middle = (p + z * z / (2 * n)) / scale
        let reach = z / scale * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        // The ends at proportions of 0 and 1 are exact; rounding must not move them.
        return ConfidenceInterval(
            low: count == 0 ? 0 : max(middle - reach, 0), high: count == total ? 1 : min(middle + reach, 1))
    }

    /// That of a proportion which is known as a share of a total.
    package static func wilson(share: Double, of total: Int) -> ConfidenceInterval? {
        guard total > 0, (0...1).contains(share) else { return nil }
        return wilson(Int((share * Double(total)).rounded()), of: total)
    }

    /// The interval of a mean of independent values, which the central limit theorem makes nearly normal.
    ///
    /// - Returns: nil for fewer than ``leastForMean`` values.
    package static func mean(of values: [Double]) -> ConfidenceInterval? {
        guard values.count >= leastForMean else { return nil }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let reach = deviations * (variance / count).squareRoot()
        return ConfidenceInterval(low: mean - reach, high: mean + reach)
    }

    /// The interval of Spearman's rank correlation by Fisher's transformation, with the variance of Bonett and Wright
    /// (2000), *Sample size requirements for estimating Pearson, Kendall and Spearman correlations*:
    /// tanh(artanh r ± z √((1 + r²/2) / (n − 3))).
    ///
    /// - Returns: nil for fewer than 10 pairs, which they do not vouch for, and where `correlation` is not in -1...1.
    package static func rankCorrelation(_ correlation: Double, pairs: Int) -> ConfidenceInterval? {
        guard pairs >= 10, (-1...1).contains(correlation) else { return nil }
        let reach = deviations * ((1 + correlation * correlation / 2) / Double(pairs - 3)).squareRoot()
        let middle = atanh(correlation)
        return ConfidenceInterval(low: tanh(middle - reach), high: tanh(middle + reach))
    }
}

extension ConfidenceInterval: Codable {
    public init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        self.init(low: try container.decode(Double.self), high: try container.decode(Double.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(low)
        try container.encode(high)
    }
}
