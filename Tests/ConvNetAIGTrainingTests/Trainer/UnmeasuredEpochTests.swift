import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

/// An epoch that was trained, and whose measuring failed or was never reached.
@Suite struct UnmeasuredEpochTests {
    private struct Failure: Error {}

    /// A run whose validation fails in an epoch, which counts from 1.
    private static func failing(_ run: TestRun, in epoch: Int) throws {
        let trainer = try run.start { weights in
            if weights.metadata["epoch"] == "\(epoch)" { throw Failure() }
        }
        #expect(throws: Failure.self) { try trainer.run() }
    }

    @Test(arguments: 1...TestRun.epochs)
    func nothingTrainedIsLost(_ epoch: Int) throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        try Self.failing(run, in: epoch)
        let checkpoint = try Checkpoint(path: folder.file(RunFolder.checkpointName))
        #expect(checkpoint.position.epoch == epoch - 1 && checkpoint.position.stepInEpoch == 5)
        #expect(checkpoint.position.step == 5 * epoch)
        #expect(checkpoint.history.map(\.epoch) == Array(1..<epoch))
        // The network as of the epoch is there to be looked at.
        #expect(try Weights(path: folder.file(RunFolder.lastName)).metadata["epoch"] == "\(epoch)")

        let network = try run.network()
        let outcome = try run.resume(network).run()
        #expect(outcome.isComplete)
        // No step was done again.
        #expect(network.settings.map(\.step) == Array(5 * epoch..<TestRun.steps))
        #expect(outcome.history.map(\.epoch) == [1, 2, 3] && outcome.history.allSatisfy { $0.images == 19 })
        #expect(try run.files() == ResumeTests.uninterrupted())
    }

    /// The epoch is measured before anything else, and told of.
    @Test func measuringComesFirst() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        try Self.failing(run, in: 2)
        let stop = StopRequest()
        var told: [TrainingProgress] = []
        let outcome = try run.resume().run(stop: stop) { progress in
            told.append(progress)
            stop.request()
        }
        #expect(told.count == 1 && told.first?.finished?.epoch == 2 && told.first?.step == 5)
        #expect(outcome.history.map(\.epoch) == [1, 2] && outcome.best?.epoch == 2)
        #expect(try Weights(path: folder.file(RunFolder.bestName)).metadata["epoch"] == "2")
    }

    /// Told to go on, the very trainer measures too.
    @Test func goingOnInTheSameProcess() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        var failures = 2
        let trainer = try run.start { weights in
            guard weights.metadata["epoch"] == "2", failures > 0 else { return }
            failures -= 1
            throw Failure()
        }
        #expect(throws: Failure.self) { try trainer.run() }
        #expect(throws: Failure.self) { try trainer.run() }
        #expect(try trainer.run().isComplete)
        #expect(try run.files() == ResumeTests.uninterrupted())
    }
}
