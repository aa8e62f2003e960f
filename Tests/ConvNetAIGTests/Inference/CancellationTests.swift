import Dispatch
import Foundation
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Work off Swift's thread pool, and predictions that end when their task is cancelled.
@Suite struct CancellationTests {
    private struct Failure: Error {}

    /// Batches of a long prediction, of which a cancelled one runs a few.
    private static let images = 400

    private static func session() throws -> (session: Session, input: Tensor) {
        let architecture = try Architecture(named: "convnet-aig-cifar-8")
        let session = try Session(weights: .random(for: architecture, seed: 1), backend: .reference)
        return (session, try SchedulingTests.input(architecture, images: images))
    }

    @Test func workGivesItsResultOrItsError() async throws {
        #expect(try await offThread { _ in 3 } == 3)
        await #expect(throws: Failure.self) { try await offThread { _ in throw Failure() } }
    }

    @Test func workLearnsOfItsTasksEnd() async {
        let hasStarted = AsyncStream<Void>.makeStream()
        let task = Task {
            try await offThread { cancellation in
                hasStarted.continuation.yield()
                while true {
                    try cancellation.check()
                    Thread.sleep(forTimeInterval: 0.001)
                }
            }
        }
        for await _ in hasStarted.stream { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// A task that waits for its turn ends at once, and its work never begins.
    @Test func waitingWorkIsNotBegun() async throws {
        let queue = DispatchQueue(label: "CancellationTests")
        let release = DispatchSemaphore(value: 0)
        let first = Task { try await offThread(on: queue) { _ in release.wait() } }
        let second = Task { try await offThread(on: queue) { _ in Issue.record("has begun") } }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        release.signal()
        try await first.value
        try await offThread(on: queue) { _ in }
    }

    @Test func longPredictionsEnd() async throws {
        let (session, input) = try Self.session()
        let perImage = try Self.launches(session, input)
        let task = Task { try await session.predict(input) }
        while session.kernelLaunches < 3 * perImage { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(session.kernelLaunches < Self.images / 2 * perImage)
    }

    /// - Returns: launches for one image.
    private static func launches(_ session: Session, _ input: Tensor) throws -> Int {
        let count = input.count / input.shape[0]
        let image = try Tensor(shape: [1] + input.shape[1...], values: Array(input.values[..<count]))
        let before = session.kernelLaunches
        _ = try session.run(image)
        return session.kernelLaunches - before
    }

    @Test func cancelledTasksPredictNothing() async throws {
        let (session, input) = try Self.session()
        let image = try SessionTests.image("chelsea.png")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await #expect(throws: CancellationError.self) { try await session.predict(input) }
            await #expect(throws: CancellationError.self) { try await session.predict([image]) }
            await #expect(throws: CancellationError.self) { try await session.featureMaps(input, ofBlock: 1) }
            await #expect(throws: CancellationError.self) {
                for try await _ in session.predictions(for: AsyncStream { image }) { Issue.record("a prediction") }
            }
        }
        await task.value
        #expect(session.kernelLaunches == 0)
    }

    /// A stream ends without an error in a cancelled task; the sequence of predictions tells it from a full one.
    @Test func sequencesEndWithAnError() async throws {
        let (session, _) = try Self.session()
        let image = try SessionTests.image("chelsea.png")
        let task = Task {
            var count = 0
            for try await _ in session.predictions(for: AsyncStream { image }) {
                count += 1
                if count == 2 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
