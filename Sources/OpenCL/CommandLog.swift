internal import COpenCL
import Synchronization

/// A call that a ``CommandQueue`` logged: its purpose, the time the host spent in it, and the command's event.
public struct LoggedCommand: Sendable {
    /// The purpose of a call.
    public enum Kind: Sendable, Hashable {
        /// A kernel launch; `local` is nil if the driver chose it.
        case kernel(name: String, global: NDRange, local: NDRange?)
        /// A copy from the host to a buffer.
        case write(byteCount: Int)
        /// A copy from a buffer to the host.
        case read(byteCount: Int)
        /// A buffer filled with a pattern.
        case fill(byteCount: Int)
        /// A copy from a buffer to a buffer.
        case copy(byteCount: Int)
        /// A buffer mapped for the host.
        case map(byteCount: Int)
        /// A wait for all commands, which is not a command itself.
        case finish
        /// A wait for an event, which is not a command itself.
        case wait
    }

    /// The purpose of the call.
    public let kind: Kind

    /// The command's event; nil for ``Kind/finish`` and ``Kind/wait``.
    public let event: Event?

    /// When the host made the call.
    public let called: ContinuousClock.Instant

    /// When the call returned.
    public let returned: ContinuousClock.Instant

    /// Whether the call waited for the command to complete.
    public let isBlocking: Bool
}

extension CommandQueue {
    /// Starts a log of all kernels, transfers and waits, with an event for each command.
    ///
    /// The events retain the queue and the queue retains the log until ``finishLogging()`` takes it.
    ///
    /// - Throws: ``OpenCLError`` with `CL_PROFILING_INFO_NOT_AVAILABLE`, if the queue was created
    ///   without profiling.
    public func startLogging() throws(OpenCLError) {
        guard isProfiling else {
            throw OpenCLError(
                code: CL_PROFILING_INFO_NOT_AVAILABLE, call: "clGetEventProfilingInfo",
                detail: "the queue was made without profiling")
        }
        log.withLock { $0 = [] }
    }

    /// Number of commands and waits in the log so far.
    public var loggedCount: Int { isProfiling ? log.withLock { $0?.count ?? 0 } : 0 }

    /// Ends the log.
    ///
    /// - Returns: The calls since ``startLogging()``, in order; empty if nothing was logged.
    public func finishLogging() -> [LoggedCommand] {
        log.withLock { log in
            defer { log = nil }
            return log ?? []
        }
    }

    /// Makes a call that enqueues a command, and logs it if a log was started.
    ///
    /// - Parameters:
    ///   - event: The destination of the command's event, if the caller wants it.
    ///   - call: The call, which takes the destination of the event; nil for none.
    /// - Returns: The result of `call`.
    @inline(__always)
    func logged(
        _ kind: @autoclosure () -> LoggedCommand.Kind, isBlocking: Bool = false,
        event: UnsafeMutablePointer<cl_event?>? = nil,
        _ call: (UnsafeMutablePointer<cl_event?>?) -> cl_int
    ) -> cl_int {
        guard isProfiling, log.withLock({ $0 != nil }) else { return call(event) }
        var own: cl_event?
        let called = ContinuousClock.now
        let status = call(&own)
        let returned = ContinuousClock.now
        guard status == CL_SUCCESS, let own else { return status }
        if let event {
            // The event has two owners then.
            let retained = clRetainEvent(own)
            guard retained == CL_SUCCESS else {
                clReleaseEvent(own)
                return retained
            }
            event.pointee = own
        }
        let command = LoggedCommand(
            kind: kind(), event: Event(handle: own, queue: self), called: called, returned: returned,
            isBlocking: isBlocking)
        log.withLock { $0?.append(command) }
        return status
    }

    /// Makes a call that only waits, and logs it if a log was started.
    @inline(__always)
    func loggingWait(_ kind: LoggedCommand.Kind, _ call: () -> cl_int) -> cl_int {
        guard isProfiling, log.withLock({ $0 != nil }) else { return call() }
        let called = ContinuousClock.now
        let status = call()
        let command = LoggedCommand(
            kind: kind, event: nil, called: called, returned: .now, isBlocking: true)
        log.withLock { $0?.append(command) }
        return status
    }
}
