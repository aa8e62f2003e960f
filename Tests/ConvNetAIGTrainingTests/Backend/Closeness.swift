import Testing

/// Expects values that are equal within `tolerance` of the largest.
/// - Parameter smallest: magnitudes up to this may be rounding errors of sums that cancel, and are not compared.
func expectClose(
    _ found: [Float], _ expected: [Double], _ name: String, tolerance: Double = 1e-4, smallest: Double = 1e-6,
    location: SourceLocation = #_sourceLocation
) {
    guard found.count == expected.count else {
        Issue.record("\(name) has \(found.count) values, not \(expected.count)", sourceLocation: location)
        return
    }
    let largest = expected.map(abs).max() ?? 0
    let wrong = found.indices.filter { index in
        // Not a number is near nothing.
        !(abs(Double(found[index]) - expected[index]) <= max(tolerance * largest, smallest))
    }
    guard let first = wrong.first else { return }
    Issue.record(
        """
        \(name): \(wrong.count) of \(found.count) values are wrong; [\(first)] is \(found[first]), not \
        \(expected[first]), where the largest is \(largest)
        """, sourceLocation: location)
}

func expectClose(
    _ found: [Float], _ expected: [Float], _ name: String, tolerance: Double = 1e-4, smallest: Double = 1e-6,
    location: SourceLocation = #_sourceLocation
) {
    expectClose(
        found, expected.map(Double.init), name, tolerance: tolerance, smallest: smallest, location: location)
}
