internal import COpenCL

/// The event of an enqueued command (`cl_event`): it tells the command's status and times, and commands can wait for it.
public final class Event: @unchecked Sendable {
    // Unchecked for the handle: OpenCL's functions on events are thread-safe.

    /// The `cl_event`.
    public let handle: OpaquePointer

    /// The queue the command is in.
    public let queue: CommandQueue

    /// Takes ownership of an event that a C function created.
    init(handle: OpaquePointer, queue: CommandQueue) {
        self.handle = handle
        self.queue = queue
    }

    deinit { clReleaseEvent(handle) }

    /// Blocks until the command is complete, after submitting the queue's commands to the device (`clWaitForEvents`).
    ///
    /// - Throws: ``OpenCLError``, such as `CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST` if the command
    ///   failed.
    public func wait() throws(OpenCLError) {
        var event: cl_event? = handle
        try check(queue.loggingWait(.wait) { clWaitForEvents(1, &event) }, "clWaitForEvents")
    }

    /// The state of the command (`clGetEventInfo`).
    ///
    /// - Throws: ``OpenCLError``, if the query fails.
    public var status: EventStatus {
        get throws(OpenCLError) {
            EventStatus(
                try Info.value(cl_int(0), "clGetEventInfo") {
                    clGetEventInfo(handle, cl_event_info(CL_EVENT_COMMAND_EXECUTION_STATUS), $0, $1, $2)
                })
        }
    }

    /// The times at which the command was queued, submitted, started and completed (`clGetEventProfilingInfo`).
    ///
    /// - Throws: ``OpenCLError`` with `CL_PROFILING_INFO_NOT_AVAILABLE`, if the queue was created without profiling or the
    ///   command is not complete.
    public var times: ProfilingTimes {
        get throws(OpenCLError) {
            // Checked here because some drivers return meaningless times instead of failing.
            guard queue.isProfiling else {
                throw OpenCLError(
                    code: CL_PROFILING_INFO_NOT_AVAILABLE, call: "clGetEventProfilingInfo",
                    detail: "the command's queue was made without profiling")
            }
            func time(_ name: Int32) throws(OpenCLError) -> UInt64 {
                try Info.value(cl_ulong(0), "clGetEventProfilingInfo") {
                    clGetEventProfilingInfo(handle, cl_profiling_info(name), $0, $1, $2)
                }
            }
            return ProfilingTimes(
                queued: try time(CL_PROFILING_COMMAND_QUEUED), submit: try time(CL_PROFILING_COMMAND_SUBMIT),
                start: try time(CL_PROFILING_COMMAND_START), end: try time(CL_PROFILING_COMMAND_END))
        }
    }

    /// Running time of the command, in seconds (see ``times``).
    ///
    /// - Throws: As ``times``.
    public var duration: Double {
        get throws(OpenCLError) { try times.duration }
    }
}

/// The state of a command (`CL_EVENT_COMMAND_EXECUTION_STATUS`).
public enum EventStatus: Sendable, Hashable {
    /// Waiting in the host's queue.
    case queued
    /// Submitted to the device.
    case submitted
    /// Running.
    case running
    /// Complete.
    case complete
    /// Ended with an error, whose OpenCL code it has.
    case failed(Int32)

    init(_ status: cl_int) {
        switch status {
        case CL_COMPLETE: self = .complete
        case CL_RUNNING: self = .running
        case CL_SUBMITTED: self = .submitted
        case CL_QUEUED: self = .queued
        default: self = .failed(status)
        }
    }
}

/// The times of a command's stages, in nanoseconds of the device's clock.
public struct ProfilingTimes: Sendable, Hashable {
    /// When the command was enqueued (`CL_PROFILING_COMMAND_QUEUED`).
    public let queued: UInt64

    /// When the command was submitted to the device (`CL_PROFILING_COMMAND_SUBMIT`).
    public let submit: UInt64

    /// When the command started to run (`CL_PROFILING_COMMAND_START`).
    public let start: UInt64

    /// When the command was complete (`CL_PROFILING_COMMAND_END`).
    public let end: UInt64

    /// Running time from ``start`` to ``end``, in seconds.
    public var duration: Double { end > start ? Double(end - start) * 1e-9 : 0 }
}
