import Testing

/// The largest difference, relative to the largest magnitude of what is expected. Infinite where a number is missing or is
/// not one.
func relativeError(_ found: [Float], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let largest = expected.map(abs).max() ?? 0
    var error = 0.0
    for (found, expected) in zip(found, expected) {
        let difference = abs(Double(found) - expected)
        guard difference.isFinite else { return .infinity }
        error = max(error, difference)
    }
    return error == 0 ? 0 : error / largest
}

/// Expects values that are equal within `tolerance` of the largest.
/// - Parameter smallest: magnitudes below which values are taken to be rounding errors of sums that cancel.
func expectClose(
    _ found: [Float], _ expected: [Double], _ name: String, tolerance: Double = 1e-4, smallest: Double = 0,
    location: SourceLocation = #_sourceLocation
) {
    let error = relativeError(found, expected)
    let isRounding = zip(found, expected).allSatisfy { abs(Double($0)) <= smallest && abs($1) <= smallest }
    #expect(
        error <= tolerance || (isRounding && found.count == expected.count), "\(name): relative error \(error)",
        sourceLocation: location)
}

func expectClose(
    _ found: [Float], _ expected: [Float], _ name: String, tolerance: Double = 1e-4, smallest: Double = 0,
    location: SourceLocation = #_sourceLocation
) {
    expectClose(
        found, expected.map(Double.init), name, tolerance: tolerance, smallest: smallest, location: location)
}
