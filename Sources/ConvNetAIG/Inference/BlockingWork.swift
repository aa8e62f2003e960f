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
    let call = BlockingCall<Success>()
    // A serial queue gets a thread even while all threads of the global queues are busy.
    let queue = queue ?? DispatchQueue(label: "ConvNetAIG.BlockingWork")
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            call.wait(continuation)
            queue.async {
                guard let continuation = call.start() else { return }
                continuation.resume(with: Result { try work(call.cancellation) })
            }
        }
    } onCancel: {
        call.cancel()
    }
}

/// Work and the task that waits for it, which need not wait for its turn in the queue once it is cancelled.
private final class BlockingCall<Success: Sendable>: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<Success, any Error>)
        case started
        case cancelled
    }

    let cancellation = Cancellation()
    private let state = Mutex(State.new)

    func wait(_ continuation: CheckedContinuation<Success, any Error>) {
        let isCancelled = state.withLock { state in
            guard case .new = state else { return true }
            state = .waiting(continuation)
            return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
    }

    /// - Returns: whom the result is for; nil if the task no longer waits.
    func start() -> CheckedContinuation<Success, any Error>? {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return nil }
            state = .started
            return continuation
        }
    }

    func cancel() {
        cancellation.cancel()
        let continuation = state.withLock { state -> CheckedContinuation<Success, any Error>? in
            switch state {
            case .new:
                state = .cancelled
                return nil
            case .waiting(let continuation):
                state = .cancelled
                return continuation
            case .started, .cancelled:
                return nil
            }
        }
        continuation?.resume(throwing: CancellationError())
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
