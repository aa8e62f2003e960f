/// The sizes of a block's gate: global average pooling of the block's input, a linear layer to `hidden`,
/// batch norm, ReLU, and a linear layer to two logits, of which the second means "execute" (arXiv 1711.11503,
/// section 3.2).
public struct Gate: Sendable, Hashable, Codable {
    /// Channels of the block's input.
    public let inputChannels: Int
    /// Width of the hidden layer.
    public let hidden: Int

    public init(inputChannels: Int, hidden: Int) {
        self.inputChannels = inputChannels
        self.hidden = hidden
    }
}
