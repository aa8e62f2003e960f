import ConvNetAIG
import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ConvNetAIGTraining

/// Blocking work that a task waits for: it ends when the task is cancelled, and leaves the threads of Swift's pool alone.
@Suite struct CancellationTests {
    /// Runs a task that its own work can cancel.
    private final class Canceller: Sendable {
        private let task = Mutex<Task<Void, any Error>?>(nil)

        func run(_ work: @escaping @Sendable () async throws -> Void) async throws {
            let started = Task { try await work() }
            task.withLock { $0 = started }
            try await started.value
        }

        func cancel() {
            while true {
                if let task = task.withLock({ $0 }) { return task.cancel() }
                usleep(100)
            }
        }
    }

    private struct Unreachable: Error {}

    // MARK: Training

    @Test(arguments: [1, 4, 5, 6, 15])
    func trainingStopsBeforeTheNextStep(_ step: Int) async throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let canceller = Canceller()
        let done = Atomic(0)
        await #expect(throws: CancellationError.self) {
            try await canceller.run {
                _ = try await run.start().run { progress in
                    guard progress.finished == nil else { return }
                    if done.add(1, ordering: .relaxed).newValue == step { canceller.cancel() }
                }
            }
        }
        #expect(done.load(ordering: .relaxed) == step)
        let checkpoint = try Checkpoint(path: folder.file(RunFolder.checkpointName))
        #expect(checkpoint.position.step == step)
        #expect(try await run.resume().run().isComplete)
        #expect(try run.files() == ResumeTests.uninterrupted())
    }

    @Test func theSameTrainerGoesOn() async throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let canceller = Canceller()
        try await canceller.run {
            let trainer = try run.start()
            await #expect(throws: CancellationError.self) {
                try await trainer.run { progress in
                    if progress.step == 3 { canceller.cancel() }
                }
            }
            #expect(trainer.position.step == 3)
            // The task stays cancelled, and nothing more is done in it.
            await #expect(throws: CancellationError.self) { try await trainer.run() }
            #expect(trainer.position.step == 3)
            #expect(try Self.finish(trainer).isComplete)
        }
        #expect(try run.files() == ResumeTests.uninterrupted())
    }

    private static func finish(_ trainer: Trainer) throws -> TrainingOutcome { try trainer.run() }

    @Test func validationEndsEarly() async throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let canceller = Canceller()
        await #expect(throws: CancellationError.self) {
            try await canceller.run {
                let trainer = try Trainer(
                    run.network(), configuration: run.configuration, batches: run.batches, data: run.data,
                    folder: RunFolder(path: run.folder)
                ) { _, checkCancellation in
                    canceller.cancel()
                    try checkCancellation()
                    throw Unreachable()
                }
                trainer.now = { 0 }
                _ = try await trainer.run()
            }
        }
        let checkpoint = try Checkpoint(path: folder.file(RunFolder.checkpointName))
        #expect(checkpoint.position.epoch == 0 && checkpoint.position.stepInEpoch == 5)
        #expect(try await run.resume().run().isComplete)
        #expect(try run.files() == ResumeTests.uninterrupted())
    }

    @Test func stopRequestsStillGiveTheOutcome() async throws {
        let folder = try TemporaryFolder()
        let stop = StopRequest()
        let outcome = try await TestRun(folder: folder.path).start().run(stop: stop) { progress in
            if progress.step == 2 { stop.request() }
        }
        #expect(!outcome.isComplete && outcome.position.step == 2)
    }

    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    /// More runs at a time than the pool has threads: each waits until all others have begun.
    @Test func manyRunsAtATime() async throws {
        let count = 2 * ProcessInfo.processInfo.activeProcessorCount + 1
        let begun = Counter()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<count {
                group.addTask {
                    let folder = try TemporaryFolder()
                    let outcome = try await TestRun(folder: folder.path).start().run { progress in
                        guard progress.epoch == 1, progress.step == 1 else { return }
                        begun.value.add(1, ordering: .relaxed)
                        let end = DispatchTime.now() + .seconds(120)
                        while begun.value.load(ordering: .relaxed) < count, DispatchTime.now() < end { usleep(1000) }
                    }
                    return outcome.isComplete && begun.value.load(ordering: .relaxed) == count
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    // MARK: Evaluation

    @Test func evaluationStopsBeforeTheNextBatch() async throws {
        let architecture = try Architecture(named: "convnet-aig-cifar-8")
        let session = try Session(weights: .random(for: architecture, seed: 1), backend: .reference, batch: 2)
        let images = SyntheticImages(6, classes: 10)
        let expected = try Evaluation(of: session, on: images, checkCancellation: {})
        let visited = Mutex<[Int]>([])
        let evaluation = try await Evaluation(of: session, on: images) { _ in
        } visit: { image in
            visited.withLock { $0.append(image.index) }
        }
        #expect(evaluation.predictions == expected.predictions)
        #expect(visited.withLock { $0 } == Array(0..<6))

        let canceller = Canceller()
        let done = Mutex<[Int]>([])
        await #expect(throws: CancellationError.self) {
            try await canceller.run {
                _ = try await Evaluation(of: session, on: images) { count in
                    done.withLock { $0.append(count) }
                    canceller.cancel()
                }
            }
        }
        #expect(done.withLock { $0 } == [2])
    }

    // MARK: Attacks

    private static func attacker() throws -> (Attacker, FeatureShape) {
        let architecture = try Architecture(json: NetworkGradientTests.examples[0].json)
        let network = try TrainingNetwork(
            weights: Weights.random(for: architecture, seed: 5), backend: ReferenceTrainingBackend(), batch: 1,
            purpose: .attack)
        return (Attacker(network, normalization: AttackTests.normalization), architecture.input)
    }

    @Test func attacksStopBeforeTheNextBatch() async throws {
        let (attacker, input) = try Self.attacker()
        let images = try Tensor(shape: [2, input.channels, input.height, input.width], repeating: 0.1)
        let attack = Attack.fgsm(epsilon: 0.1)
        let expected = try Self.attack(attacker, attack, images, labels: [0, 1])
        #expect(try await attacker.attack(attack, images, labels: [0, 1]) == expected)
        #expect(try await attacker.attack([attack], images, labels: [0, 1]) == [expected])
        let single = try Tensor(shape: [1, input.channels, input.height, input.width], repeating: 0.1)
        #expect(try await attacker.gradient(of: single, labels: [1]).losses.count == 1)

        // Whole, this would take minutes.
        let count = 1000
        let started = ContinuousClock.now
        let task = Task {
            let (attacker, input) = try Self.attacker()
            let images = try Tensor(shape: [count, input.channels, input.height, input.width], repeating: 0.1)
            return try await attacker.attack(
                [Attack](repeating: .pgd(epsilon: 0.1), count: 5), images, labels: [Int](repeating: 1, count: count))
        }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ContinuousClock.now - started < .seconds(60))
    }

    private static func attack(
        _ attacker: Attacker, _ attack: Attack, _ images: Tensor, labels: [Int]
    ) throws -> Tensor {
        try attacker.attack(attack, images, labels: labels)
    }
}
