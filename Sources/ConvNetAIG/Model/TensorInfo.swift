/// What a safetensors file says of one tensor.
public struct TensorInfo: Sendable, Hashable {
    public let name: String
    public let dtype: TensorDataType
    /// Extents, outermost first; empty for a single number.
    public let shape: [Int]
    /// Where the tensor's bytes are, counted from the start of the file.
    public let byteRange: Range<Int>

    /// Number of values.
    public var count: Int { byteRange.count / dtype.byteCount }
}
