import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

@Suite struct TrainerTests {
    @Test func stepsAreToldOfTheSchedule() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let network = try run.network()
        _ = try run.start(network).run()
        #expect(network.settings.map(\.step) == Array(0..<15))
        #expect(
            network.settings.allSatisfy { $0.seed == 3 && $0.targetRates == [0.5, 0.7] && $0.targetRateWeight == 2 })
        #expect(network.settings.allSatisfy { $0.averageDecay == 0.75 && $0.weights.weightDecay == 5e-4 })
        for (step, settings) in network.settings.enumerated() {
            let schedule = run.configuration.schedule
            let factor = schedule.factor(step: step, stepsPerEpoch: 5, epochs: 3)
            #expect(settings.weights.learningRate == Float(0.01 * factor))
            #expect(settings.gates.learningRate == settings.weights.learningRate * 3)
            #expect(settings.normalization == settings.weights)
            let momentum = try #require(schedule.momentum(step: step, stepsPerEpoch: 5, epochs: 3))
            #expect(settings.momentum == Float(momentum))
        }
    }

    @Test func whatIsValidatedAndKept() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let network = try run.network()
        var validated: [Weights] = []
        let outcome = try run.start(network) { (weights: Weights) throws in
            validated.append(weights)
            let state = network.state()
            for name in weights.names {
                // The average of what is trained, and the running statistics as they are.
                let expected = name.contains("running_") ? state.weights[name] : state.average[name]
                #expect(try weights.tensor(name) == expected)
            }
            #expect(try weights.floats("conv1.weight") != state.weights["conv1.weight"]?.values)
        }.run()
        #expect(outcome.best == BestEpoch(epoch: 2, top1: 0.75))
        #expect(outcome.isComplete && outcome.history.count == 3)
        let best = try Weights(path: folder.file(RunFolder.bestName))
        #expect(try best.tensors() == validated[1].tensors())
        #expect(best.metadata["epoch"] == "2" && best.metadata["top1"] == "0.75")
        #expect(best.classNames == ["ape", "bear", "cat"])
        #expect(best.normalization?.mean == [0.1, 0.2] && best.normalization?.std == [0.3, 0.4])
        #expect(best.architecture == (try TestRun.architecture()))
        let last = try Weights(path: folder.file(RunFolder.lastName))
        #expect(try last.tensors() == validated[2].tensors())
        #expect(
            try folder.contents == [
                ".lock", "best.safetensors", "checkpoint.safetensors", "curves.svg", "last.safetensors",
                "metrics.jsonl",
            ])
    }

    @Test func withoutAverageTheWeightsThemselvesAreKept() throws {
        let folder = try TemporaryFolder()
        var run = TestRun(folder: folder.path)
        run.configuration.averageDecay = nil
        let network = try run.network()
        _ = try run.start(network).run()
        #expect(try Weights(path: folder.file(RunFolder.lastName)).tensors() == network.state().weights)
    }

    @Test func metricsOfAnEpoch() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let outcome = try run.start().run()
        let metrics = try MetricsFile(path: folder.file(RunFolder.metricsName)).read()
        #expect(metrics == outcome.history)
        #expect(metrics.map(\.epoch) == [1, 2, 3])
        for entry in metrics {
            // Five batches of four images, one of which lacks one.
            #expect(entry.images == 19 && entry.skipped == 1)
            #expect(abs(entry.loss - entry.crossEntropy - entry.targetRateLoss) < 1e-4)
            #expect(entry.accuracy > 0 && entry.accuracy < 1)
            #expect(entry.executionRates.count == 2)
            #expect(abs(entry.executionRates[0] - 0.5) < 1e-7 && abs(entry.executionRates[1] - 0.25) < 1e-7)
            #expect(entry.validation?.macShare == 0.625)
            #expect(
                entry.learningRate
                    == Double(run.configuration.learningRate(step: entry.epoch * 5 - 1, stepsPerEpoch: 5)))
        }
        let line = try String(contentsOfFile: folder.file(RunFolder.metricsName), encoding: .utf8).split(
            separator: "\n")[0]
        for key in [
            "cross_entropy", "target_rate_loss", "mean_macs", "mac_share", "images_per_second", "top5", "skipped",
        ] {
            #expect(line.contains("\"\(key)\":"))
        }
    }

    @Test func progressIsTold() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let trainer = try run.start()
        var time = 0.0
        trainer.now = {
            time += 1
            return time
        }
        var told: [TrainingProgress] = []
        _ = try trainer.run { told.append($0) }
        #expect(told.count == 18)
        #expect(told.filter { $0.finished == nil }.map(\.step) == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
        #expect(told.compactMap { $0.finished?.epoch } == [1, 2, 3])
        #expect(told.map(\.epoch) == [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3])
        #expect(told.allSatisfy { $0.epochs == 3 && $0.steps == 5 && $0.loss > 0 && $0.imagesPerSecond > 0 })
        #expect(told.allSatisfy { $0.executionRate == 0.375 })
        #expect(told.last?.secondsLeft == 0)
        #expect(try #require(told.first?.secondsLeft) > 0)
    }

    // MARK: Stops

    @Test func divergenceNamesTheFirstTensor() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let network = try run.network()
        network.divergesAt = (7, ["linear.weight", "layer1.1.conv2.weight", "layer2.0.fc1.weight"])
        let error = TrainingError.notFinite(
            step: 7, epoch: 2, block: "block layer1.1", tensor: "layer1.1.conv2.weight",
            lastGoodCheckpoint: folder.file(RunFolder.checkpointName))
        let trainer = try run.start(network)
        #expect(throws: error) { try trainer.run() }
        #expect(error.description.contains("layer1.1.conv2.weight, in block layer1.1"))
        #expect(try Checkpoint(path: folder.file(RunFolder.checkpointName)).position.epoch == 1)
        // Told to go on, it comes to the same again.
        #expect(throws: error) { try trainer.run() }
    }

    @Test(arguments: [("conv1.weight", "the stem"), ("bn1.bias", "the stem"), ("linear.bias", "the classifier")])
    func divergenceOutsideOfBlocks(_ tensor: String, _ place: String) throws {
        let finder = DivergenceFinder(architecture: try TestRun.architecture())
        #expect(finder.block(of: tensor) == place)
        let bad = try Tensor(shape: [2], values: [1, -.infinity])
        let good = try Tensor(shape: [1], values: [1])
        #expect(finder.firstNotFinite(in: [tensor: bad, "layer1.0.conv1.weight": good]) == tensor)
        #expect(finder.firstNotFinite(in: ["layer1.0.conv1.weight": good]) == nil)
    }

    @Test func runningStatisticsThatOverflowAreNeverSaved() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let network = try run.network()
        network.overflowsAt = 9
        #expect(
            throws: TrainingError.notFinite(
                step: 10, epoch: 2, block: "block layer1.1", tensor: "layer1.1.bn1.running_mean",
                lastGoodCheckpoint: folder.file(RunFolder.checkpointName))
        ) { try run.start(network).run() }
        #expect(try Checkpoint(path: folder.file(RunFolder.checkpointName)).position.epoch == 1)
    }

    @Test func signalsMakeStopRequests() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let stop = StopRequest()
        stop.request(on: [SIGTERM])
        defer { signal(SIGTERM, SIG_DFL) }
        #expect(!stop.isRequested)
        var steps = 0
        let outcome = try run.start().run(stop: stop) { _ in
            steps += 1
            guard steps == 2 else { return }
            kill(getpid(), SIGTERM)
            for _ in 0..<10_000 where !stop.isRequested { usleep(1000) }
        }
        #expect(!outcome.isComplete)
        #expect(outcome.position.step == 2)
        #expect(try Checkpoint(path: folder.file(RunFolder.checkpointName)).position == outcome.position)
        #expect(try run.resume().run().isComplete)
        #expect(try run.files() == ResumeTests.uninterrupted())
    }

    // MARK: Starts

    @Test func runsAreNotOverwritten() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        do {
            let trainer = try run.start()
            #expect(throws: RunFolderError.inUse(path: folder.path)) { try run.resume() }
            _ = try trainer.run()
        }
        #expect(throws: TrainingError.folderHasRun(path: folder.path)) { try run.start() }
    }

    @Test func whatCannotStart() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.file("run"))
        func changed(_ change: (inout TestRun) -> Void) -> TestRun {
            var copy = run
            change(&copy)
            return copy
        }
        #expect(throws: TrainingError.batchTooLarge(batch: 5, network: 4)) {
            try changed { $0.configuration.batch = 5 }.start()
        }
        #expect(throws: TrainingError.noBatches) { try changed { $0.batches.batchesPerEpoch = 0 }.start() }
        #expect(throws: WeightsError.self) { try changed { $0.data.classNames = ["a", "b"] }.start() }
        // Names may have any characters.
        let names = ["tench, Tinca tinca", " [c] ", "\"d\"", ""]
        #expect(
            try JSONDecoder().decode(
                [String].self, from: Data(#require(TrainingData(classNames: names).metadata["classes"]).utf8)) == names)
        #expect(throws: WeightsError.self) { try changed { $0.data.std = [1] }.start() }
        #expect(throws: TrainingConfigurationError.self) { try changed { $0.configuration.momentum = 1 }.start() }
        #expect(throws: TrainingError.self) { try run.start(FakeNetwork(FakeNetwork.architecture())) }
        #expect(throws: RunFolderError.self) {
            try TestRun(folder: folder.file("file", [1]) + "/run").start()
        }
        #expect(throws: TrainingError.tooFewBatches(epoch: 1, promised: 5, given: 3)) {
            try changed { $0.batches.given = 3 }.start().run()
        }
    }

    @Test func networksWithoutGates() throws {
        let folder = try TemporaryFolder()
        var run = TestRun(folder: folder.path)
        run.configuration.targetRates = nil
        let network = try FakeNetwork(FakeNetwork.architecture(gated: false))
        let outcome = try run.start(network).run()
        #expect(network.settings.allSatisfy { $0.targetRates.isEmpty })
        #expect(outcome.history[0].executionRates.isEmpty)
    }

    @Test func withoutValidationNothingIsBest() throws {
        let folder = try TemporaryFolder()
        let run = TestRun(folder: folder.path)
        let trainer = try Trainer(
            run.network(), configuration: run.configuration, batches: run.batches, folder: RunFolder(path: run.folder),
            validate: nil)
        #expect(try trainer.run().best == nil)
        #expect(try !folder.contents.contains(RunFolder.bestName))
        #expect(try folder.contents.contains(RunFolder.lastName))
    }
}
