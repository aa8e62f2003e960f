/// A kernel argument that is local memory of each work-group (`__local` pointer).
public struct LocalMemory: Sendable, Hashable {
    /// Size in bytes, more than 0.
    public let byteCount: Int

    public init(byteCount: Int) { self.byteCount = byteCount }
}
