/// Sums over operators, in seconds where they are times.
public protocol ProfileTimes {
    var operators: [Profile.Operator] { get }
}

extension ProfileTimes {
    private func sum(_ value: (Recording.Command) -> Double) -> Double {
        operators.reduce(0) { $0 + $1.commands.reduce(0) { $0 + value($1) } }
    }

    /// Time that kernels ran.
    public var kernelTime: Double { sum { $0.isKernel ? $0.duration : 0 } }

    /// Time of transfers on the device.
    public var transferTime: Double { sum { $0.isKernel ? 0 : $0.duration } }

    /// Time that the device had nothing to do before these commands, since the one before each.
    public var gapTime: Double { sum(\.gap) }

    /// Time that the device was on these: kernels, transfers and the gaps before them.
    public var deviceTime: Double { kernelTime + transferTime + gapTime }

    /// Time that the host waited for the device. The device works meanwhile, likely for other parts of the network.
    public var waitTime: Double {
        operators.reduce(0) { $0 + $1.calls.reduce(0) { $0 + ($1.isWaiting ? $1.duration : 0) } }
    }

    /// Time that the host spent in calls that do not wait, such as launches.
    public var callTime: Double {
        operators.reduce(0) { $0 + $1.calls.reduce(0) { $0 + ($1.isWaiting ? 0 : $1.duration) } }
    }

    /// Kernels launched.
    public var launches: Int { operators.reduce(0) { $0 + $1.commands.count(where: \.isKernel) } }

    /// Multiply-accumulates, over all images.
    public var macs: Int { operators.reduce(0) { $0 + $1.macs } }

    /// Multiply-accumulates per second of ``kernelTime``; 0 where no kernel ran.
    public var macsPerSecond: Double { kernelTime > 0 ? Double(macs) / kernelTime : 0 }
}

extension Profile.Operator: ProfileTimes {
    public var operators: [Profile.Operator] { [self] }
}
