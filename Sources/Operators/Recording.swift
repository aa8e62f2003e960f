/// What a backend did for a batch, and when. Times are in seconds since the recording began.
public struct Recording: Sendable, Hashable {
    /// A kernel or a transfer, as the device ran it.
    public struct Command: Sendable, Hashable, Codable {
        /// The kernel's name, or the kind of transfer.
        public var name: String
        /// Whether it is a kernel rather than a transfer.
        public var isKernel: Bool
        /// Work-items of a kernel in each dimension; empty for transfers.
        public var globalSize: [Int]
        /// Work-items of a group in each dimension; empty for transfers, and where the driver chose.
        public var localSize: [Int]
        /// Bytes of a transfer.
        public var byteCount: Int
        /// When the device began it.
        public var start: Double
        /// When the device was done with it.
        public var end: Double
        /// How long the device was idle before it; 0 for a batch's first.
        public var gap: Double

        /// Seconds that it ran.
        public var duration: Double { end - start }
    }

    /// A call of the host's into the device's driver.
    public struct Call: Sendable, Hashable {
        /// What was launched, transferred or waited for.
        public var name: String
        /// Whether the host waited for the device.
        public var isWaiting: Bool
        /// When the host made the call.
        public var start: Double
        /// When the call returned.
        public var end: Double

        /// Seconds that the host was in the call.
        public var duration: Double { end - start }
    }

    /// What was done from one call of `Backend.enter` to the next.
    package struct Passage: Sendable, Hashable {
        package var part: NetworkPart
        /// Images that its launches covered.
        package var images: Int
        package var commands: [Command] = []
        package var calls: [Call] = []
    }

    /// In the order in which the batch came through.
    package var passages: [Passage]
    /// From the beginning to the end, as the host saw it.
    package var wallTime: Double
}

/// A place in a network, as a batch passes through it.
public enum NetworkPart: Sendable, Hashable {
    /// Images and thresholds on their way to the device.
    case input
    /// The first convolution.
    case stem
    /// The max pooling behind the stem.
    case pooling
    /// The decision whether a block runs; gates ahead may be asked along with its own.
    case gate(block: Int)
    /// A block's shortcut.
    case shortcut(block: Int)
    /// The decision whether a block runs on its way to the host, and what it means for the batch on its way back.
    case decision(block: Int)
    /// A convolution of a block's branch, counted from 0.
    case branch(block: Int, convolution: Int)
    /// The classifier.
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
