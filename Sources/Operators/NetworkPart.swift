/// A place in a network, as a batch passes through it.
public enum NetworkPart: Sendable, Hashable {
    /// Pictures and thresholds on their way to the device.
    case input
    case stem
    case pooling
    /// Deciding whether a block runs; gates ahead may be asked along with its own.
    case gate(block: Int)
    case shortcut(block: Int)
    /// The decision on whether a block runs on its way to the host, and what it means for the batch on its way back.
    case decision(block: Int)
    /// A convolution of a block's branch, from 0.
    case branch(block: Int, convolution: Int)
    case classifier
    /// Logits and decisions on their way back.
    case output

    /// The block, counted over the whole network; nil outside of blocks.
    public var block: Int? {
        switch self {
        case .gate(let block), .shortcut(let block), .decision(let block), .branch(let block, _): block
        case .input, .stem, .pooling, .classifier, .output: nil
        }
    }
}
