/// Bytes that a network takes on its device, and of the host's for transfers.
public struct MemoryUse: Sendable, Hashable, Codable {
    /// Weights, in the layout in which kernels read them: the only copy that a session keeps.
    public var weights = 0
    /// Input, feature maps and their row sums, for all images of a batch. Those that are never needed at the same time
    /// share memory, so that this is also the most that is in use at once.
    public var activations = 0
    /// What ``activations`` would be if each had memory to itself.
    public var activationsUnshared = 0
    /// What convolutions need while they run, shared by all of them.
    public var scratch = 0
    /// Decisions, logits, and what the host keeps for transfers.
    public var other = 0

    public init() {}

    /// All that is taken.
    public var total: Int { weights + activations + scratch + other }
}
