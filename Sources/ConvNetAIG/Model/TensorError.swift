import Foundation

/// Why a ``Tensor`` cannot be made.
public enum TensorError: Error, Sendable, Hashable {
    /// An extent is negative, or the shape has more values than memory could hold.
    case invalidShape([Int])
    /// The shape and the values differ in number.
    case countMismatch(shape: [Int], expected: Int, found: Int)
}

extension TensorError: LocalizedError, CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidShape(let shape):
            "A tensor cannot have the shape \(shape): extents must not be negative, nor their product "
                + "exceed what memory can hold."
        case .countMismatch(let shape, let expected, let found):
            "A tensor of shape \(shape) has \(expected) values, but \(found) are given."
        }
    }

    public var errorDescription: String? { description }
}
