/// When a command went through its stages, in nanoseconds of the device's clock.
public struct ProfilingTimes: Sendable, Hashable {
    /// When it was put in the queue (`CL_PROFILING_COMMAND_QUEUED`).
    public let queued: UInt64

    /// When it was handed to the device (`CL_PROFILING_COMMAND_SUBMIT`).
    public let submit: UInt64

    /// When it began to run (`CL_PROFILING_COMMAND_START`).
    public let start: UInt64

    /// When it was done (`CL_PROFILING_COMMAND_END`).
    public let end: UInt64

    /// Time it ran, from start to end, in seconds.
    public var duration: Double { end > start ? Double(end - start) * 1e-9 : 0 }
}
