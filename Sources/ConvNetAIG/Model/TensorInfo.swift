/// What a file says of one tensor.
public struct TensorInfo: Sendable, Hashable {
    public let name: String
    public let dtype: TensorDataType
    /// Extents, outermost first; empty for a single number.
    public let shape: [Int]
    /// Where the tensor's bytes are, counted from the start of the file; empty where they do not lie one after another.
    public let byteRange: Range<Int>

    /// Number of values.
    public var count: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }
}
