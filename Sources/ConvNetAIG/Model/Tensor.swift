/// Numbers in a row-major array of any rank. Images and feature maps are [N, C, H, W], convolution weights
/// [output channels, input channels, height, width].
///
/// The number of values always equals the product of the shape.
public struct Tensor: Sendable, Hashable {
    /// Extents, outermost first; empty for a single number.
    public let shape: [Int]
    /// The values, the last dimension changing fastest.
    public private(set) var values: [Float]

    /// - Throws: ``TensorError`` if an extent is negative or the shape does not hold as many values.
    public init(shape: [Int], values: [Float]) throws(TensorError) {
        let count = try Self.count(of: shape)
        guard count == values.count else {
            throw .countMismatch(shape: shape, expected: count, found: values.count)
        }
        self.shape = shape
        self.values = values
    }

    /// A tensor of one value throughout, by default zero.
    ///
    /// - Throws: ``TensorError`` if an extent is negative or the shape has more values than memory could
    ///   hold.
    public init(shape: [Int], repeating value: Float = 0) throws(TensorError) {
        values = [Float](repeating: value, count: try Self.count(of: shape))
        self.shape = shape
    }

    /// For shapes and values that agree by construction.
    init(uncheckedShape shape: [Int], values: [Float]) {
        assert((try? Self.count(of: shape)) == values.count)
        self.shape = shape
        self.values = values
    }

    /// Number of values.
    public var count: Int { values.count }

    /// The same values in another shape.
    ///
    /// - Throws: ``TensorError`` if the shape does not hold as many values.
    public func reshaped(to shape: [Int]) throws(TensorError) -> Tensor {
        try Tensor(shape: shape, values: values)
    }

    /// Calls `body` with the values, without copying them.
    public func withUnsafeFloats<Result>(
        _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try values.withUnsafeBufferPointer(body)
    }

    /// Calls `body` with the values to change in place.
    public mutating func withUnsafeMutableFloats<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try values.withUnsafeMutableBufferPointer { try body($0) }
    }

    /// Product of the extents, if it and its size in bytes fit an Int.
    private static func count(of shape: [Int]) throws(TensorError) -> Int {
        guard shape.allSatisfy({ $0 >= 0 }) else { throw .invalidShape(shape) }
        // An empty tensor may have any other extents: their product is never needed.
        guard !shape.contains(0) else { return 0 }
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= Int.max / MemoryLayout<Float>.stride else {
                throw .invalidShape(shape)
            }
            count = product
        }
        return count
    }
}
