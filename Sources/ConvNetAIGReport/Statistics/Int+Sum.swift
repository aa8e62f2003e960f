extension Int {
    /// A sum; nil where it is more than can be counted, as it may be of numbers from a file. Those below 0 count as 0.
    static func sum(_ values: [Int]) -> Int? {
        var total = 0
        for value in values {
            let (sum, hasOverflown) = total.addingReportingOverflow(Swift.max(value, 0))
            if hasOverflown { return nil }
            total = sum
        }
        return total
    }
}
