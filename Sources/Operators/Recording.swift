/// What a backend did for a batch, and when. Times are in seconds since the recording began.
public struct Recording: Sendable, Hashable {
    /// A kernel or a transfer, as the device ran it.
    public struct Command: Sendable, Hashable, Codable {
        /// The kernel's name, or what kind of transfer.
        public var name: String
        public var isKernel: Bool
        /// Work-items of a kernel in each dimension; empty for transfers.
        public var globalSize: [Int]
        /// Work-items of a group in each dimension; empty for transfers, and where the driver chose.
        public var localSize: [Int]
        /// Bytes of a transfer.
        public var byteCount: Int
        public var start: Double
        public var end: Double
        /// How long the device had nothing to do before this command; 0 for a batch's first.
        public var gap: Double

        /// Time it ran, in seconds.
        public var duration: Double { end - start }
    }

    /// A call of the host's.
    public struct Call: Sendable, Hashable {
        /// What was launched, transferred or waited for.
        public var name: String
        /// Whether the host waited for the device.
        public var isWaiting: Bool
        public var start: Double
        public var end: Double

        /// Time the host was in the call, in seconds.
        public var duration: Double { end - start }
    }

    /// What was done from one call of ``Backend/enter(_:images:)`` to the next.
    public struct Passage: Sendable, Hashable {
        public var part: NetworkPart
        /// Images that its launches covered.
        public var images: Int
        public var commands: [Command] = []
        public var calls: [Call] = []
    }

    /// In the order in which the batch came through.
    public var passages: [Passage]
    /// From the beginning to the end, as the host saw it.
    public var wallTime: Double
}
