/// Quantiles by linear interpolation between the order statistics (type 7 of Hyndman and Fan 1996).
enum Quantile {
    /// - Parameter values: at least one.
    static func of(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return sorted.last ?? 0 }
        return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
