/// Whether two runtimes computed the same network.
enum LogitsComparison {
    /// Rounding comes to a hundredth of it or less; a block too many or too few to far more.
    static let allowedDifference = 1e-3

    /// The largest difference between logits over the largest of ours. Infinite where they are not of one
    /// number, not finite, or all zero.
    static func difference(ours: [Float], theirs: [Float?]) -> Double {
        let largest = Double(ours.map(abs).max() ?? 0)
        guard ours.count == theirs.count, largest > 0, largest.isFinite else { return .infinity }
        var difference = 0.0
        for (our, their) in zip(ours, theirs) {
            guard let their, their.isFinite, our.isFinite else { return .infinity }
            difference = max(difference, abs(Double(our) - Double(their)))
        }
        return difference / largest
    }
}
