extension Weights {
    /// Where a tensor's values are.
    enum Storage: Sendable {
        /// In a mapped file, under the name it has there.
        case mapped(SafetensorsFile, String)
        case owned([Float])

        func withUnsafeFloats<Result>(
            _ body: (UnsafeBufferPointer<Float>) throws -> Result
        ) throws -> Result {
            switch self {
            case .mapped(let file, let name): try file.withUnsafeFloats(name, body)
            case .owned(let values): try values.withUnsafeBufferPointer(body)
            }
        }
    }
}
