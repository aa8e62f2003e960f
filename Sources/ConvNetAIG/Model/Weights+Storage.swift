extension Weights {
    /// Where a tensor's values are.
    enum Storage: Sendable {
        /// In a mapped file, under the name it has there. Other number formats are converted each time, so that there are
        /// never two copies of all.
        case mapped(any TensorFile, String)
        case owned([Float])

        func withUnsafeFloats<Result>(
            _ body: (UnsafeBufferPointer<Float>) throws -> Result
        ) throws -> Result {
            switch self {
            case .mapped(let file, let name):
                // Weights are read once to be checked and once to be packed for a device, which keeps its own copy: the
                // file's pages would stand beside it in the process's memory, and the system has them cached anyway.
                defer { file.releasePages(of: name) }
                return try file.withFloats(name, body)
            case .owned(let values): return try values.withUnsafeBufferPointer(body)
            }
        }
    }
}
