internal import COpenCL

/// How far a command has got (`CL_EVENT_COMMAND_EXECUTION_STATUS`).
public enum EventStatus: Sendable, Hashable {
    /// In the queue of the host.
    case queued
    /// Handed to the device.
    case submitted
    /// Running.
    case running
    /// Done.
    case complete
    /// Ended with an error, the code of an OpenCL constant.
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
