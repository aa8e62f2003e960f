/// Where the time of a batch went: what the device ran for each part of the network, when it had nothing to do, and what
/// the host did meanwhile.
///
/// Times are in seconds. On the device the batch's ``wallTime`` is kernels, transfers, the gaps between them, and
/// ``outsideTime`` before the first and after the last; on the host it is calls that wait, other calls, and the rest.
/// The two run side by side.
public struct Profile: Sendable {
    /// An operator of the network, and everything that it made the device and the host do.
    public struct Operator: Sendable {
        public let part: NetworkPart
        /// What it computes, as in "3x3 convolution, 64 to 64 channels, 56 x 56".
        public let title: String
        /// Images that its launches covered.
        public let launchedImages: Int
        /// Images that it was computed for: fewer, where the device skips those whose gate is closed.
        public let images: Int
        /// Multiply-accumulates, over all images.
        public let macs: Int
        public let commands: [Recording.Command]
        public let calls: [Recording.Call]
    }

    /// A block, or what comes before and after the blocks.
    public struct Section: Sendable, ProfileTimes {
        /// The block's name, `layer1.0`, or `input`, `stem`, `pooling`, `classifier`, `output`.
        public let name: String
        /// The block, counted over the whole network; nil for the others.
        public let block: Int?
        /// Who looked at the gate's decision; nil where there is no gate.
        public let decider: Scheduling?
        /// Images for which the section ran; for a block, those that its branch ran for.
        public let images: Int
        /// In the order in which they ran.
        public let operators: [Operator]

        /// Time of the gate's kernels. Gates ahead may have been asked along with the block's own, and the block's own
        /// along with an earlier one.
        public var gateTime: Double {
            operators.filter { $0.part.isGate }.flatMap(\.commands).reduce(0) { $0 + ($1.isKernel ? $1.duration : 0) }
        }
    }

    public let architecture: String
    public let deviceName: String
    /// Who was to look at the decisions; see ``Section/decider`` for who did.
    public let scheduling: Scheduling
    /// What ``Scheduling/automatic`` weighed, as measured on the device; nil where it did not.
    public let costs: SchedulingCosts?
    /// Images of the batch.
    public let images: Int
    /// Multiply-accumulates of the batch if every block ran.
    public let denseMACs: Int
    /// What the batch came to.
    public let output: Session.Output
    /// From the call to the result, as the host saw it.
    public let wallTime: Double
    /// In the order of the network.
    public let sections: [Section]

    /// Every operator, in the order in which they ran.
    public var operators: [Operator] { sections.flatMap(\.operators) }

    /// Time the device had nothing to do before the first command and after the last: when the host prepared the input,
    /// woke up and collected the output.
    public var outsideTime: Double { max(wallTime - kernelTime - transferTime - gapTime, 0) }

    /// Time of the host between its calls to the device's driver.
    public var hostTime: Double { max(wallTime - waitTime - callTime, 0) }

    /// Of several profiles of the same batch, the one of median wall time; nil of none.
    ///
    /// One profile rather than the median of each number, so that the parts add up to the whole.
    public static func median(_ profiles: [Profile]) -> Profile? {
        profiles.isEmpty ? nil : profiles.sorted { $0.wallTime < $1.wallTime }[(profiles.count - 1) / 2]
    }
}

extension Profile: ProfileTimes {}

extension NetworkPart {
    fileprivate var isGate: Bool {
        if case .gate = self { true } else { false }
    }
}
