import Foundation

/// A 95 % confidence interval. In JSON it is `[low, high]`.
public struct ConfidenceInterval: Sendable, Hashable {
    /// The lower end.
    public var low: Double
    /// The upper end.
    public var high: Double

    /// Makes an interval of its ends.
    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    /// The normal distribution's quantile at 0.975: 95 % lie within this many standard deviations of the mean.
    private static let deviations = 1.959963984540054

    /// The smallest sample whose mean is taken to be normally distributed.
    package static let minCountForMean = 30

    /// The score interval of a proportion (Wilson 1927, *Probable inference, the law of succession, and statistical
    /// inference*): with p = count / total, n = total and z the quantile for 95 %,
    ///
    ///     (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
    ///
    /// It lies within 0...1, and has a width even for proportions of 0 and 1.
    ///
    /// - Returns: nil if `total` is below 1 or `count` is not in `0...total`.
    public static func wilson(_ count: Int, of total: Int) -> ConfidenceInterval? {
        guard total > 0, (0...total).contains(count) else { return nil }
        let (n, p, z) = (Double(total), Double(count) / Double(total), deviations)
        let scale = 1 + z * z / n
        let middle = (p + z * z / (2 * n)) / scale
        let margin = z / scale * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        // The ends at proportions of 0 and 1 are exact; rounding must not move them.
        return ConfidenceInterval(
            low: count == 0 ? 0 : max(middle - margin, 0), high: count == total ? 1 : min(middle + margin, 1))
    }

    /// The score interval of a proportion that is known as a share of a total.
    ///
    /// - Returns: nil if `total` is below 1 or `share` is not in 0...1.
    package static func wilson(share: Double, of total: Int) -> ConfidenceInterval? {
        guard total > 0, (0...1).contains(share) else { return nil }
        return wilson(Int((share * Double(total)).rounded()), of: total)
    }

    /// The interval of the mean of independent values, which the central limit theorem makes nearly normal.
    ///
    /// - Returns: nil for fewer than ``minCountForMean`` values.
    package static func mean(of values: [Double]) -> ConfidenceInterval? {
        guard values.count >= minCountForMean else { return nil }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let margin = deviations * (variance / count).squareRoot()
        return ConfidenceInterval(low: mean - margin, high: mean + margin)
    }

    /// The interval of Spearman's rank correlation by Fisher's transformation, with the variance of Bonett and Wright
    /// (2000), *Sample size requirements for estimating Pearson, Kendall and Spearman correlations*:
    /// tanh(artanh r ± z √((1 + r²/2) / (n − 3))).
    ///
    /// - Returns: nil for fewer than 10 pairs, which the formula is not made for, or if `correlation` is not in -1...1.
    package static func rankCorrelation(_ correlation: Double, pairs: Int) -> ConfidenceInterval? {
        guard pairs >= 10, (-1...1).contains(correlation) else { return nil }
        let margin = deviations * ((1 + correlation * correlation / 2) / Double(pairs - 3)).squareRoot()
        let middle = atanh(correlation)
        return ConfidenceInterval(low: tanh(middle - margin), high: tanh(middle + margin))
    }
}

extension ConfidenceInterval: Codable {
    /// Reads `[low, high]`.
    public init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        self.init(low: try container.decode(Double.self), high: try container.decode(Double.self))
    }

    /// Writes `[low, high]`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(low)
        try container.encode(high)
    }
}
