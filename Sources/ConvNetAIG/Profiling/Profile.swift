/// Where the time of a batch went: what the device ran for each part of the network, when it was idle, and what the host
/// did meanwhile.
///
/// Times are in seconds. Device and host run side by side. On the device, the batch's ``wallTime`` divides into kernels,
/// transfers, the gaps between them, and ``outsideTime`` before the first and after the last. On the host, it divides into
/// calls that wait, other calls, and the time between calls.
public struct Profile: Sendable {
    /// An operator of the network, with the commands and calls that it took.
    public struct Operator: Sendable {
        /// Its place in the network.
        public let part: NetworkPart
        /// Kind and sizes, as in "3x3 convolution, 64 to 64 channels, 56 x 56".
        public let title: String
        /// Number of images that its launches covered.
        public let launchedImages: Int
        /// Number of images that it was computed for: fewer than launched where the device skips those whose gate is
        /// closed.
        public let images: Int
        /// Multiply-accumulates, over all images.
        public let macs: Int
        /// Kernels and transfers on the device, in the order in which they ran.
        public let commands: [Recording.Command]
        /// Calls of the host to the device's driver, in the order in which they were made.
        public let calls: [Recording.Call]
    }

    /// A block, or a part of the network before or after the blocks.
    public struct Section: Sendable, ProfileTimes {
        /// Name of the block, `layer1.0`, or `input`, `stem`, `pooling`, `classifier`, `output`.
        public let name: String
        /// Index of the block, counted over the whole network; nil for the others.
        public let block: Int?
        /// Who looked at the gate's decision; nil where there is no gate.
        public let decider: Scheduling?
        /// Number of images that the section ran for; of a block, that its branch ran for.
        public let images: Int
        /// Its operators, in the order in which they ran.
        public let operators: [Operator]

        /// Time of the gate's kernels. One launch may ask this block's gate and those of later blocks.
        public var gateTime: Double {
            operators.filter { $0.part.isGate }.flatMap(\.commands).reduce(0) { $0 + ($1.isKernel ? $1.duration : 0) }
        }
    }

    /// Name of the architecture.
    public let architecture: String
    /// Name of the device.
    public let deviceName: String
    /// Who looks at the gates' decisions, as the session was made; ``Section/decider`` has who did for each block.
    public let scheduling: Scheduling
    /// Costs that `Scheduling.automatic` weighed, as measured on the device; nil under other scheduling.
    public let costs: SchedulingCosts?
    /// Number of images of the batch.
    public let images: Int
    /// Multiply-accumulates of the batch with every block.
    public let denseMACs: Int
    /// Logits and decisions of the batch.
    public let output: Session.Output
    /// Time from the call to the result, on the host's clock.
    public let wallTime: Double
    /// All parts, in the order of the network.
    public let sections: [Section]

    /// All operators, in the order in which they ran.
    public var operators: [Operator] { sections.flatMap(\.operators) }

    /// Idle time of the device before the first command and after the last, while the host prepared the input and
    /// collected the output.
    public var outsideTime: Double { max(wallTime - kernelTime - transferTime - gapTime, 0) }

    /// Time of the host between its calls to the device's driver.
    public var hostTime: Double { max(wallTime - waitTime - callTime, 0) }

    /// The one of median wall time among several profiles of the same batch; nil if there are none.
    ///
    /// It is one profile rather than the median of each number, so that its parts add up to the whole.
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

// MARK: Sums

/// Sums over operators, in seconds where they are times.
public protocol ProfileTimes {
    /// The operators to sum over.
    var operators: [Profile.Operator] { get }
}

extension ProfileTimes {
    private func sum(_ value: (Recording.Command) -> Double) -> Double {
        operators.reduce(0) { $0 + $1.commands.reduce(0) { $0 + value($1) } }
    }

    /// Time of kernels.
    public var kernelTime: Double { sum { $0.isKernel ? $0.duration : 0 } }

    /// Time of transfers on the device.
    public var transferTime: Double { sum { $0.isKernel ? 0 : $0.duration } }

    /// Idle time of the device before these commands, since the end of the command before each.
    public var gapTime: Double { sum(\.gap) }

    /// Time of the device for these operators: kernels, transfers and the gaps before them.
    public var deviceTime: Double { kernelTime + transferTime + gapTime }

    /// Time that the host waited for the device, which works meanwhile, perhaps for other parts of the network.
    public var waitTime: Double {
        operators.reduce(0) { $0 + $1.calls.reduce(0) { $0 + ($1.isWaiting ? $1.duration : 0) } }
    }

    /// Time of the host in calls that do not wait, such as launches.
    public var callTime: Double {
        operators.reduce(0) { $0 + $1.calls.reduce(0) { $0 + ($1.isWaiting ? 0 : $1.duration) } }
    }

    /// Number of kernels launched.
    public var launches: Int { operators.reduce(0) { $0 + $1.commands.count(where: \.isKernel) } }

    /// Multiply-accumulates, over all images.
    public var macs: Int { operators.reduce(0) { $0 + $1.macs } }

    /// Multiply-accumulates per second of ``kernelTime``; 0 where no kernel ran.
    public var macsPerSecond: Double { kernelTime > 0 ? Double(macs) / kernelTime : 0 }
}

extension Profile.Operator: ProfileTimes {
    /// The operator itself.
    public var operators: [Profile.Operator] { [self] }
}
