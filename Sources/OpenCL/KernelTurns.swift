internal import COpenCL
import Synchronization

/// Keeps the kernels of different queues apart on PoCL, whose queues otherwise end the process.
///
/// PoCL counts who uses a compiled kernel, and looks the counter up by the kernel and the size of its work-groups alone,
/// though it compiles a larger range anew. Two queues that run one kernel over ranges of different sizes at once lower
/// each other's counter, until an assertion fails (`found->ref_count > 0`, in version 3.1) or code that is running is
/// unloaded. One queue in order never has two kernels under way.
enum KernelTurns {
    /// The queue that enqueued kernels last. It is alive: ``leave(_:)`` comes before its release.
    private static let last = Mutex<Handle?>(nil)

    /// A `cl_command_queue`, whose functions are thread-safe.
    private struct Handle: @unchecked Sendable, Equatable {
        let queue: OpaquePointer
    }

    /// Waits for the kernels of the queue that came before, if that was another, and calls `enqueue`.
    ///
    /// - Throws: ``OpenCLError``, if that queue's commands failed; `enqueue` has not been called then.
    static func take<Result>(
        _ queue: OpaquePointer, _ enqueue: () -> Result
    ) throws(OpenCLError) -> Result {
        let outcome = last.withLock { last -> Swift.Result<Result, OpenCLError> in
            if let other = last, other.queue != queue {
                last = nil
                let status = clFinish(other.queue)
                guard status == CL_SUCCESS else {
                    return .failure(
                        OpenCLError(
                            code: status, call: "clFinish",
                            detail: "of the queue that ran before this one: PoCL cannot run kernels of both at once"))
                }
            }
            last = Handle(queue: queue)
            return .success(enqueue())
        }
        return try outcome.get()
    }

    /// Waits for the queue's kernels before it is released, as nobody could afterwards.
    static func leave(_ queue: OpaquePointer) {
        last.withLock { last in
            guard last == Handle(queue: queue) else { return }
            clFinish(queue)
            last = nil
        }
    }
}

extension CommandQueue {
    /// Calls `enqueue`, which enqueues kernels on the queue's ``handle``, when the driver can take them: on PoCL after
    /// the kernels of every other queue of the process, elsewhere at once.
    ///
    /// - Throws: ``OpenCLError``, if commands failed that were waited for.
    package func inTurn<Result>(_ enqueue: () -> Result) throws(OpenCLError) -> Result {
        takesTurns ? try KernelTurns.take(handle, enqueue) : enqueue()
    }
}
