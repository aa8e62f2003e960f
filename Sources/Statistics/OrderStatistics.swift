/// Order statistics of samples.
extension [Double] {
    /// The quantile of a share by linear interpolation between the order statistics (type 7 of Hyndman and Fan 1996, *Sample
    /// quantiles in statistical packages*).
    ///
    /// - Parameter share: 0 for the smallest value, 0.25 for the lower quartile, 1 for the largest value; what is outside of
    ///   0...1 is taken for the nearer end.
    /// - Returns: nil without values.
    package func quantile(_ share: Double) -> Double? {
        let sorted = sorted()
        guard let last = sorted.last else { return nil }
        let position = Swift.min(Swift.max(share, 0), 1) * Double(sorted.count - 1)
        let lower = Int(position)
        guard lower + 1 < sorted.count else { return last }
        return sorted[lower] + (position - Double(lower)) * (sorted[lower + 1] - sorted[lower])
    }

    /// The middle value, or the mean of the middle two; nil without values.
    package var median: Double? { quantile(0.5) }
}

/// Ranks of values and their correlation, of which Spearman's is made.
package enum Ranks {
    /// The rank of each value, from 1; equal values share the mean of theirs.
    package static func of(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
            start = end
        }
        return ranks
    }

    /// Spearman's rank correlation (1904): Pearson's correlation of the ranks.
    ///
    /// - Returns: nil where the values of either list are all the same.
    package static func correlation(_ first: [Double], _ second: [Double]) -> Double? {
        pearson(of(first), of(second))
    }

    private static func pearson(_ first: [Double], _ second: [Double]) -> Double? {
        let count = Double(first.count)
        guard count > 1 else { return nil }
        let (firstMean, secondMean) = (first.reduce(0, +) / count, second.reduce(0, +) / count)
        var (covariance, firstVariance, secondVariance) = (0.0, 0.0, 0.0)
        for (x, y) in zip(first, second) {
            covariance += (x - firstMean) * (y - secondMean)
            firstVariance += (x - firstMean) * (x - firstMean)
            secondVariance += (y - secondMean) * (y - secondMean)
        }
        guard firstVariance > 0, secondVariance > 0 else { return nil }
        return covariance / (firstVariance * secondVariance).squareRoot()
    }
}
