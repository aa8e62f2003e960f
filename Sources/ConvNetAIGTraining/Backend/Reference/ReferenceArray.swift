/// Floats at a fixed place in memory. Operators that work in place are given the same array twice, which Swift's exclusive
/// access to a class's arrays would not allow. Indices are checked in debug builds only.
final class ReferenceArray {
    let values: UnsafeMutableBufferPointer<Float>

    init(count: Int, repeating value: Float) {
        values = .allocate(capacity: count)
        values.initialize(repeating: value)
    }

    deinit { values.deallocate() }
}
