import Dispatch
import Foundation
import Synchronization

/// The wish that a training run saves its state and ends. Made by any thread or by a signal; heeded between two steps.
public final class StopRequest: Sendable {
    private let flag = Atomic(false)
    private let number = Atomic<Int32>(0)

    public init() {}

    public var isRequested: Bool { flag.load(ordering: .acquiring) }

    /// The signal that made the request; nil if none did.
    public var signal: Int32? {
        let number = number.load(ordering: .acquiring)
        return number == 0 ? nil : number
    }

    public func request() { flag.store(true, ordering: .releasing) }

    /// Lets signals make the request, for the rest of the process. The second of a kind does what it would have done
    /// without: it ends the process at once.
    public func request(on signals: [Int32] = [SIGINT, SIGTERM]) {
        for number in signals {
            // A source is told of signals even where they are ignored, and only then does nothing else happen.
            Foundation.signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                self.number.store(number, ordering: .releasing)
                self.request()
                Foundation.signal(number, SIG_DFL)
                source.cancel()
            }
            source.resume()
        }
    }
}
