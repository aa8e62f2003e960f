import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

@Suite struct ResumeTests {
    /// Every file of a run that nothing interrupted.
    static func uninterrupted() throws -> [String: Data] {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        #expect(try run.start().run().isComplete)
        return try run.files()
    }

    @Test(arguments: 1...TestRun.steps)
    func stoppedAfterAnyStep(_ step: Int) throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let stop = StopRequest()
        var done = 0
        let outcome = try run.start().run(stop: stop) { progress in
            guard progress.finished == nil else { return }
            done += 1
            if done == step { stop.request() }
        }
        #expect(!outcome.isComplete)
        #expect(outcome.position.step == step)
        // A stop at an epoch's end comes before its validation, which may take long.
        let epoch = (step - 1) / 5
        #expect(outcome.position.epoch == epoch && outcome.position.stepInEpoch == step - 5 * epoch)
        #expect(try run.resume().run().isComplete)
        #expect(try run.files() == Self.uninterrupted())
    }

    @Test(arguments: 1...TestRun.epochs)
    func stoppedAfterAnyEpoch(_ epoch: Int) throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let stop = StopRequest()
        let outcome = try run.start().run(stop: stop) { progress in
            if progress.finished?.epoch == epoch { stop.request() }
        }
        #expect(outcome.isComplete == (epoch == TestRun.epochs))
        #expect(outcome.history.count == epoch)
        #expect(try run.resume().run().isComplete)
        #expect(try run.files() == Self.uninterrupted())
    }

    /// A process that ends anywhere loses the epoch it was in.
    @Test(arguments: 0..<TestRun.steps)
    func crashedAtAnyStep(_ step: Int) throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let network = try run.network()
        network.crashesAt = step
        #expect(throws: FakeNetwork.Crash.self) { try run.start(network).run() }
        // What a killed process leaves behind.
        _ = try folder.file(".1a2b.safetensors.tmp", [1, 2, 3])
        let checkpoint = try Checkpoint(path: folder.file(RunFolder.checkpointName))
        #expect(checkpoint.position.step == step / 5 * 5)
        #expect(try run.resume().run().isComplete)
        #expect(try run.files() == Self.uninterrupted())
    }

    /// Where the state is saved within epochs, less is lost.
    @Test func crashedInALongEpoch() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let network = try run.network()
        network.crashesAt = 8
        do {
            let trainer = try run.start(network)
            trainer.saveInterval = 0
            #expect(throws: FakeNetwork.Crash.self) { try trainer.run() }
        }
        let position = try Checkpoint(path: folder.file(RunFolder.checkpointName)).position
        #expect(position.epoch == 1 && position.stepInEpoch == 3 && position.step == 8)
        #expect(try run.resume().run().isComplete)
        #expect(try run.files() == Self.uninterrupted())
    }

    /// Files that were written before the process ended, and the checkpoint that was not.
    @Test func endedBetweenTwoFiles() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let path = folder.file(RunFolder.checkpointName)
        var afterFirst = Data()
        _ = try run.start().run { progress in
            if progress.finished?.epoch == 1 {
                afterFirst = (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data()
            }
        }
        let complete = try run.files()
        try afterFirst.write(to: URL(fileURLWithPath: path))
        let resumed = try run.resume()
        #expect(try resumed.folder.metrics.read().map(\.epoch) == [1])
        #expect(try resumed.run().isComplete)
        #expect(try run.files() == complete)
        #expect(complete == (try Self.uninterrupted()))
    }

    @Test func interruptedAgainAndAgain() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        var isComplete = false
        var rounds = 0
        while !isComplete {
            let stop = StopRequest()
            let trainer = try rounds == 0 ? run.start() : run.resume()
            isComplete = try trainer.run(stop: stop) { _ in stop.request() }.isComplete
            rounds += 1
            try #require(rounds < 40)
        }
        #expect(rounds > TestRun.steps)
        #expect(try run.files() == Self.uninterrupted())
    }

    @Test func metricsOfLaterEpochsAreDropped() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let stop = StopRequest()
        _ = try run.start().run(stop: stop) { if $0.finished?.epoch == 2 { stop.request() } }
        let path = folder.file(RunFolder.metricsName)
        let good = try String(contentsOfFile: path, encoding: .utf8)
        try (good + good + "{\"epoch\":").write(toFile: path, atomically: true, encoding: .utf8)
        let trainer = try run.resume()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == good)
        #expect(trainer.history.map(\.epoch) == [1, 2])
    }

    @Test func anotherNetworkOrOtherImages() throws {
        let folder = try TemporaryFolder()
        var run = TestRun(folder: folder.path)
        _ = try run.start()
        let other = try FakeNetwork(FakeNetwork.architecture())
        #expect(throws: TrainingError.differentNetwork(expected: "tiny", found: "tiny")) { try run.resume(other) }
        run.batches.batchesPerEpoch = 6
        #expect(throws: TrainingError.differentData(expectedSteps: 5, steps: 6)) { try run.resume() }
    }
}
