/// The graph that one image ran: which blocks, why, and at what cost.
public struct InferenceGraph: Sendable, Hashable, Codable {
    /// Whether each block ran, over all blocks of the network.
    public var executed: [Bool]
    /// Whether each gated block ran, in the order of the network.
    public var gates: [Bool]
    /// For each gated block the probability with which its gate said "execute": softmax of its two logits. Where the
    /// policy asks no gate it is the policy's own: 1 for a block it runs and 0 for one it skips.
    public var gateProbabilities: [Float]
    /// Multiply-accumulates spent on this image, gates included.
    public var macs: Int
    /// Multiply-accumulates of the dense network, gates included.
    public var denseMACs: Int

    /// Share of blocks executed.
    public var executedShare: Double {
        executed.isEmpty ? 1 : Double(executed.count(where: { $0 })) / Double(executed.count)
    }
}
