import Foundation

/// Numbers in a row-major array of any rank. Images and feature maps are [N, C, H, W], convolution weights
/// [output channels, input channels, height, width].
///
/// The number of values always equals the product of the shape.
public struct Tensor: Sendable, Hashable {
    /// Extents, outermost first; empty for a single number.
    public let shape: [Int]
    /// The values, the last dimension changing fastest.
    public private(set) var values: [Float]

    /// Makes a tensor of a shape and as many values.
    ///
    /// - Throws: ``TensorError`` if an extent is negative or the shape does not hold as many values.
    public init(shape: [Int], values: [Float]) throws(TensorError) {
        let count = try Self.count(of: shape)
        guard count == values.count else {
            throw .countMismatch(shape: shape, expected: count, found: values.count)
        }
        self.shape = shape
        self.values = values
    }

    /// Makes a tensor that has one value everywhere, by default zero.
    ///
    /// - Throws: ``TensorError`` if an extent is negative or the shape has more values than memory could
    ///   hold.
    public init(shape: [Int], repeating value: Float = 0) throws(TensorError) {
        values = [Float](repeating: value, count: try Self.count(of: shape))
        self.shape = shape
    }

    /// Makes a tensor of a shape and values that agree by construction.
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

    /// Calls `body` with the values, to change them in place.
    public mutating func withUnsafeMutableFloats<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try values.withUnsafeMutableBufferPointer { try body($0) }
    }

    /// The product of the extents, if it and its size in bytes fit an Int.
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

/// Why a ``Tensor`` cannot be made.
public enum TensorError: Error, Sendable, Hashable {
    /// An extent is negative, or the shape has more values than memory could hold.
    case invalidShape([Int])
    /// The shape does not hold as many values as are given.
    case countMismatch(shape: [Int], expected: Int, found: Int)
}

extension TensorError: LocalizedError, CustomStringConvertible {
    /// What is wrong, in a sentence.
    public var description: String {
        switch self {
        case .invalidShape(let shape):
            "A tensor cannot have the shape \(shape): extents must not be negative, nor their product "
                + "exceed what memory can hold."
        case .countMismatch(let shape, let expected, let found):
            "A tensor of shape \(shape) has \(expected) values, but \(found) are given."
        }
    }

    /// The same as ``description``.
    public var errorDescription: String? { description }
}
