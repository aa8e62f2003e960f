internal import COpenCL

/// An enqueued command (`cl_event`), to wait for, to make others wait for, and to time.
public final class Event: @unchecked Sendable {
    // Unchecked for the handle: OpenCL's functions on events are thread-safe.

    /// The `cl_event`.
    public let handle: OpaquePointer

    /// The queue the command is in.
    public let queue: CommandQueue

    /// Takes over an event that a C function made.
    init(handle: OpaquePointer, queue: CommandQueue) {
        self.handle = handle
        self.queue = queue
    }

    deinit { clReleaseEvent(handle) }

    /// Blocks until the command is done, sending the queue's commands to the device first if they aren't
    /// there (`clWaitForEvents`).
    ///
    /// - Throws: ``OpenCLError``, such as `CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST` if the command
    ///   failed.
    public func wait() throws {
        var event: cl_event? = handle
        try check(queue.loggingWait(.wait) { clWaitForEvents(1, &event) }, "clWaitForEvents")
    }

    /// How far the command has got (`clGetEventInfo`).
    ///
    /// - Throws: ``OpenCLError``, if the query fails.
    public var status: EventStatus {
        get throws {
            EventStatus(
                try Info.value(cl_int(0), "clGetEventInfo") {
                    clGetEventInfo(handle, cl_event_info(CL_EVENT_COMMAND_EXECUTION_STATUS), $0, $1, $2)
                })
        }
    }

    /// When the command was queued, submitted, started and done (`clGetEventProfilingInfo`).
    ///
    /// - Throws: ``OpenCLError`` with `CL_PROFILING_INFO_NOT_AVAILABLE`, if the queue was made without
    ///   profiling or the command isn't done.
    public var times: ProfilingTimes {
        get throws {
            // Asked here, as not every driver fails without profiling; some give times of no meaning.
            guard queue.isProfiling else {
                throw OpenCLError(
                    code: CL_PROFILING_INFO_NOT_AVAILABLE, call: "clGetEventProfilingInfo",
                    detail: "the command's queue was made without profiling")
            }
            func time(_ name: Int32) throws -> UInt64 {
                try Info.value(cl_ulong(0), "clGetEventProfilingInfo") {
                    clGetEventProfilingInfo(handle, cl_profiling_info(name), $0, $1, $2)
                }
            }
            return ProfilingTimes(
                queued: try time(CL_PROFILING_COMMAND_QUEUED), submit: try time(CL_PROFILING_COMMAND_SUBMIT),
                start: try time(CL_PROFILING_COMMAND_START), end: try time(CL_PROFILING_COMMAND_END))
        }
    }

    /// Time the command ran, in seconds (see ``times``).
    ///
    /// - Throws: As ``times``.
    public var duration: Double {
        get throws { try times.duration }
    }
}
