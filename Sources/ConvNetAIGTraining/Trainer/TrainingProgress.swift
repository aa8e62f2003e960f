import Dispatch
import Foundation
import Synchronization

/// How far a run has come, after each step and each epoch.
public struct TrainingProgress: Sendable, Hashable {
    /// Number of the epoch, from 1.
    public var epoch: Int
    /// Epochs of the run.
    public var epochs: Int
    /// Steps done in the epoch.
    public var step: Int
    /// Steps of the epoch.
    public var steps: Int
    /// Mean loss over the epoch so far, in nats.
    public var loss: Double
    /// Share of the epoch's images so far whose likeliest class was the right one.
    public var accuracy: Double
    /// Share of the gated blocks that ran in the epoch so far; nil for a network without gates.
    public var executionRate: Double?
    /// Learning rate of the last step, of all parameters but the gates'.
    public var learningRate: Double
    /// Images per second in the epoch so far.
    public var imagesPerSecond: Double
    /// Estimated seconds until the end of the run, from the steps done by this process; nil before the first.
    public var secondsLeft: Double?
    /// Metrics of the epoch, if it is complete.
    public var finished: EpochMetrics?
}

/// The end of a run.
public struct TrainingOutcome: Sendable, Hashable {
    /// Whether all epochs are done. Otherwise a stop was requested, and the run can be resumed.
    public var isComplete: Bool
    /// How far the run has come.
    public var position: TrainingPosition
    /// Metrics of the complete epochs.
    public var history: [EpochMetrics]
    /// The epoch with the best validation; nil without validation.
    public var best: BestEpoch?
}

/// A request to a training run to save its state and end, which it does before the next step. Any thread can make it, or a
/// signal.
public final class StopRequest: Sendable {
    private let flag = Atomic(false)
    private let number = Atomic<Int32>(0)

    /// Makes an object whose stop is not requested yet.
    public init() {}

    /// Whether the run is to end.
    public var isRequested: Bool { flag.load(ordering: .acquiring) }

    /// The signal that made the request; nil if none did.
    public var signal: Int32? {
        let number = number.load(ordering: .acquiring)
        return number == 0 ? nil : number
    }

    /// Requests the stop.
    public func request() { flag.store(true, ordering: .releasing) }

    /// Lets signals make the request, for the rest of the process. The second signal of a kind has its usual effect again
    /// and ends the process at once.
    ///
    /// - Parameter signals: numbers of the signals.
    public func request(on signals: [Int32] = [SIGINT, SIGTERM]) {
        for number in signals {
            // A dispatch source also receives signals that are ignored, and ignoring keeps them from ending the process.
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

/// The speed of a run since this process took it up, which tells how long the rest will take.
struct Throughput {
    private let start: Double
    private let first: Int
    private var now: Double
    private var done: Int

    /// - Parameters:
    ///   - start: the time, in seconds.
    ///   - done: steps done before.
    init(start: Double, done: Int) {
        self.start = start
        self.first = done
        now = start
        self.done = done
    }

    mutating func update(now: Double, done: Int) {
        self.now = now
        self.done = done
    }

    /// Estimated seconds until `steps` are done; nil before the first step.
    func secondsLeft(of steps: Int) -> Double? {
        guard done > first else { return nil }
        return (now - start) / Double(done - first) * Double(steps - done)
    }
}
