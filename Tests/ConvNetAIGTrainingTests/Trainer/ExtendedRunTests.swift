import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

/// Runs that are resumed for another number of epochs than they were begun with.
@Suite struct ExtendedRunTests {
    /// The learning rates of the steps of a run of so many epochs.
    private static func learningRates(_ steps: Range<Int>, epochs: Int) -> [Float] {
        var configuration = TestRun.configuration()
        configuration.epochs = epochs
        return steps.map { configuration.learningRate(step: $0, stepsPerEpoch: 5) }
    }

    @Test func completeRunGoesOn() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        _ = try run.start().run()
        let before = try run.files()
        for asked in 1...3 {
            #expect(throws: TrainingError.epochsDone(asked: asked, done: 3)) { try run.resume(epochs: asked) }
        }
        #expect(TrainingError.epochsDone(asked: 2, done: 3).description.contains("has done 3 epochs already"))
        #expect(throws: TrainingConfigurationError.self) { try run.resume(epochs: 1_000_001) }
        #expect(try run.files() == before)

        let network = try run.network()
        let outcome = try run.resume(network, epochs: 5).run()
        #expect(outcome.isComplete && outcome.best?.epoch == 5)
        #expect(
            network.settings.map(\.weights.learningRate) == Self.learningRates(TestRun.steps..<25, epochs: 5))
        #expect(try MetricsFile(path: folder.file(RunFolder.metricsName)).read().map(\.epoch) == Array(1...5))
        // What was there stays as it was.
        let metrics = try #require(try run.files()[RunFolder.metricsName])
        #expect(metrics.starts(with: try #require(before[RunFolder.metricsName])))
    }

    /// Whoever resumes it again need not know, wherever the run was broken off.
    @Test(arguments: [0, 1, 4, 5])
    func theNumberIsKept(_ steps: Int) throws {
        let (whole, parts) = (try TemporaryFolder(), try TemporaryFolder())
        for folder in [whole, parts] {
            let run = TestRun(folder: folder.path)
            let stop = StopRequest()
            _ = try run.start().run(stop: stop) { if $0.epoch == 2, $0.step == 2 { stop.request() } }
        }
        #expect(try TestRun(folder: whole.path).resume(epochs: 4).run().isComplete)

        let run = TestRun(folder: parts.path)
        do {
            let trainer = try run.resume(epochs: 4)
            #expect(try Checkpoint(path: parts.file(RunFolder.checkpointName)).configuration.epochs == 4)
            let stop = StopRequest()
            var done = 0
            if steps == 0 { stop.request() }
            _ = try trainer.run(stop: stop) { _ in
                done += 1
                if done == steps { stop.request() }
            }
        }
        let network = try run.network()
        let outcome = try run.resume(network).run()
        #expect(outcome.isComplete && outcome.position.epoch == 4)
        let first = try #require(network.settings.first?.step)
        #expect(network.settings.map(\.weights.learningRate) == Self.learningRates(first..<20, epochs: 4))
        #expect(try run.files() == TestRun(folder: whole.path).files())
    }

    /// An epoch that is begun or not yet measured is not done.
    @Test func fewerEpochsThanBefore() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let stop = StopRequest()
        _ = try run.start().run(stop: stop) { if $0.epoch == 2, $0.step == 5 { stop.request() } }
        #expect(throws: TrainingError.epochsDone(asked: 1, done: 1)) { try run.resume(epochs: 1) }
        let outcome = try run.resume(epochs: 2).run()
        #expect(outcome.isComplete && outcome.history.map(\.epoch) == [1, 2])
        #expect(try Checkpoint(path: folder.file(RunFolder.checkpointName)).configuration.epochs == 2)
    }
}
