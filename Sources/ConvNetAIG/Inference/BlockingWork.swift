import Dispatch
import Synchronization

/// Runs work that blocks on a thread of its own, since the threads of Swift's pool must not wait for a device.
///
/// - Parameters:
///   - queue: A serial queue where the work takes turns with other work; nil for work that may overlap with any other.
///   - work: It ends early only if it calls ``Cancellation/check()`` now and then.
/// - Throws: `CancellationError` if the calling task is cancelled before the work starts, and what `work` throws.
package func offThread<Success: Sendable>(
    on queue: DispatchQueue? = nil, _ work: @escaping @Sendable (_ cancellation: Cancellation) throws -> Success
) async throws -> Success {
    let cancellation = Cancellation()
    // A serial queue gets a thread even while all threads of the global queues are busy.
    let queue = queue ?? DispatchQueue(label: "ConvNetAIG.BlockingWork")
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Result {
                        try cancellation.check()
                        return try work(cancellation)
                    })
            }
        }
    } onCancel: {
        cancellation.cancel()
    }
}

/// Tells blocking work that the task waiting for it was cancelled: `Task.isCancelled` is always false on a thread outside
/// Swift's pool.
package final class Cancellation: Sendable {
    private let flag = Atomic(false)

    /// Makes one that nobody has cancelled.
    package init() {}

    /// Whether the work should end.
    package var isCancelled: Bool { flag.load(ordering: .relaxed) }

    /// Asks the work to end; it does at its next ``check()``.
    package func cancel() { flag.store(true, ordering: .relaxed) }

    /// Ends the work if its task was cancelled.
    ///
    /// - Throws: `CancellationError` then.
    package func check() throws(CancellationError) {
        if isCancelled { throw CancellationError() }
    }
}
