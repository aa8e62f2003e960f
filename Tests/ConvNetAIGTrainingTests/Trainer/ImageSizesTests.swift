import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

/// Training images whose size changes in the course of a run.
@Suite struct ImageSizesTests {
    private static let own = FeatureShape(height: 10, width: 12)

    // MARK: Sizes

    @Test func sizesByEpoch() {
        let sizes = ImageSizes([2: 6, 0: 4, 5: 8])
        #expect((0..<7).map { sizes.input(epoch: $0, own: Self.own).height } == [4, 4, 6, 6, 6, 8, 8])
        #expect(
            (0..<7).allSatisfy { epoch in
                let input = sizes.input(epoch: epoch, own: Self.own)
                return input.height == input.width && input.channels == 3
            })
        #expect(sizes.inputs(own: Self.own) == [Self.own.squared(4), Self.own.squared(6), Self.own.squared(8)])
        // Until the first, images are the architecture's.
        let late = ImageSizes([3: 6])
        #expect((0..<5).map { late.input(epoch: $0, own: Self.own) == Self.own } == [true, true, true, false, false])
        #expect(late.inputs(own: Self.own) == [Self.own, Self.own.squared(6)])
        #expect(ImageSizes([:]).inputs(own: Self.own) == [Self.own])
    }

    @Test func asJSON() throws {
        let configuration = try TrainingConfiguration(json: #"{"sizes": {"0": 96, "20": 128}}"#)
        #expect(configuration.sizes == ImageSizes([0: 96, 20: 128]))
        #expect(try TrainingConfiguration(json: configuration.json()) == configuration)
        #expect(try TrainingConfiguration(json: #"{"sizes": null}"#, base: configuration).sizes == nil)
    }

    @Test(
        arguments: [
            (#"{"-1": 96}"#, "sizes"), (#"{"1.5": 96}"#, "sizes"), (#"{"first": 96}"#, "sizes"),
            (#"{"01": 96}"#, "sizes"),
            (#"{"99999999999999999999": 96}"#, "sizes"), (#"{"2000000": 96}"#, "sizes"), (#"96"#, "sizes"),
            (#"[96]"#, "sizes"), (#"{"0": 96.5}"#, "sizes.0"), (#"{"0": 96, "20": "128"}"#, "sizes.20"),
            (#"{"3": 0}"#, "sizes.3"), (#"{"3": -8}"#, "sizes.3"), (#"{"3": null}"#, "sizes.3"),
        ])
    func noSizes(_ text: String, _ key: String) {
        let error = #expect(throws: TrainingConfigurationError.self) {
            try TrainingConfiguration(json: "{\"sizes\": \(text)}")
        }
        guard case .invalidValue(key, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// At once, whatever the epoch.
    @Test func sizesThatTheNetworkCannotTake() throws {
        let architecture = try Architecture(
            name: "unpadded", input: .init(height: 32, width: 32), stem: .init(channels: 4, kernel: 7, padding: 0),
            stages: [.init(width: 4, blocks: 1)], blockKind: .basic, classes: 2)
        var configuration = TrainingConfiguration()
        for (side, fits) in [(7, true), (6, false), (10_000_000, false)] {
            configuration.sizes = ImageSizes([0: 16, 20: side])
            if fits {
                try configuration.validate(for: architecture)
            } else {
                let error = #expect(throws: TrainingConfigurationError.self) {
                    try configuration.validate(for: architecture)
                }
                guard case .invalidValue("sizes.20", _) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
        }
    }

    // MARK: Batches

    @Test(arguments: [
        Augmentation.off, .cropAndFlip(padding: 2), .randomResizedCrop(scale: 0.2...1, ratio: 0.5...2),
    ])
    func batchesHaveTheEpochsSize(_ augmentation: Augmentation) throws {
        let images = SyntheticImages(22, width: 13, height: 11, broken: [4])
        func loader(_ input: FeatureShape, _ sizes: ImageSizes?) throws -> DataLoader {
            try DataLoader(
                images, input: input, sizes: sizes, mean: AugmentationTests.mean, std: AugmentationTests.std,
                augmentation: augmentation, batch: 11, seed: 1, threads: 2)
        }
        let sized = try loader(Self.own, ImageSizes([1: 6, 3: 9]))
        // Also back, for a run that is told to do epochs again.
        for (epoch, input) in [
            (0, Self.own), (1, Self.own.squared(6)), (2, Self.own.squared(6)), (3, Self.own.squared(9)),
            (1, Self.own.squared(6)),
        ] {
            let found = try DataLoaderTests.all(sized.batches(epoch: epoch))
            #expect(found.allSatisfy { $0.images.count == $0.count * input.count })
            let expected = try DataLoaderTests.all(loader(input, nil).batches(epoch: epoch))
            #expect(found == expected, "epoch \(epoch)")
        }
        #expect(sized.failures.count == 1)
        // What was prepared for one size is kept for no other.
        let share = augmentation.preparesForSize ? 3 * 6 * 6 : 3 * 13 * 11
        #expect(sized.keptBytes == 21 * share)
    }

    /// There is no epoch before the first, but asking for one is no reason to end a program.
    @Test func epochsThatAreNone() throws {
        let loader = try DataLoader(
            SyntheticImages(3), input: Self.own, sizes: ImageSizes([0: 6]), mean: AugmentationTests.mean,
            std: AugmentationTests.std, batch: 3)
        #expect(try DataLoaderTests.all(loader.batches(epoch: -1)).map(\.images.count) == [3 * 3 * 6 * 6])
    }

    @Test func paddingThatASmallImageDoesNotHave() throws {
        #expect(throws: AugmentationError.invalidPadding(4, width: 4, height: 4)) {
            try DataLoader(
                SyntheticImages(3), input: Self.own, sizes: ImageSizes([7: 4]), mean: AugmentationTests.mean,
                std: AugmentationTests.std, augmentation: .cifar, batch: 1)
        }
    }

    // MARK: Networks

    /// Every bit of the state goes on, and nothing is left of the network before.
    @Test(arguments: TestTrainingBackends.all)
    func networksAreMadeAnewWithTheirState(_ backend: TestTrainingBackend) throws {
        let weights = Weights.random(for: try Self.architecture, seed: 3)
        weak var before: (any TrainingBackend)?
        var made: [FeatureShape] = []
        let network = try ResizableNetwork(weights: weights, input: Self.own.squared(6), batch: 4) { weights in
            #expect(before == nil)
            made.append(weights.architecture.input)
            func network(_ backend: some TrainingBackend) throws -> any TrainableNetwork {
                try TrainingNetwork(weights: weights, backend: backend, batch: 4)
            }
            let backend = try backend.make()
            before = backend
            return try network(backend)
        }
        #expect(network.architecture.input == Self.own)
        var settings = Self.settings
        _ = try network.step(Self.batch(Self.own.squared(6)), settings)
        let state = try network.state()
        #expect(!state.momentum.isEmpty && !state.average.isEmpty)
        #expect(throws: TrainingStepError.self) { try network.step(Self.batch(Self.own), settings) }

        try network.resize(to: Self.own.squared(6))
        #expect(made.count == 1)
        try network.resize(to: Self.own)
        #expect(made == [Self.own.squared(6), Self.own])
        let after = try network.state()
        #expect(after.weights == state.weights && after.momentum == state.momentum && after.average == state.average)

        // And so do the steps that follow, as those of a network that was put there.
        settings.step = 1
        let found = try network.step(Self.batch(Self.own), settings)
        func other(_ backend: some TrainingBackend) throws -> (StepResult, TrainingState) {
            let network = try TrainingNetwork(weights: weights, backend: backend, batch: 4)
            try network.restore(state)
            return (try network.step(Self.batch(Self.own), settings), try network.state())
        }
        let expected = try other(backend.make())
        #expect(found == expected.0)
        #expect(try network.state().weights == expected.1.weights)
        #expect(try network.state().average == expected.1.average)
    }

    /// Where there is no memory for larger images, what was learnt is still there.
    @Test func networksThatCannotBeMade() throws {
        struct Failure: Error {}
        let weights = Weights.random(for: try Self.architecture, seed: 3)
        var fails = false
        let network = try ResizableNetwork(weights: weights, input: Self.own, batch: 4) { weights in
            if fails { throw Failure() }
            return try TrainingNetwork(weights: weights, backend: ReferenceTrainingBackend(), batch: 4)
        }
        _ = try network.step(Self.batch(Self.own), Self.settings)
        let state = try network.state()
        fails = true
        for _ in 0..<2 { #expect(throws: Failure.self) { try network.resize(to: Self.own.squared(8)) } }
        #expect(throws: Failure.self) { try network.step(Self.batch(Self.own.squared(8)), Self.settings) }
        #expect(try network.state().weights == state.weights && network.state().momentum == state.momentum)
        fails = false
        _ = try network.step(Self.batch(Self.own.squared(8)), Self.settings)
    }

    /// A network of one size is found out before the run begins, and not in the epoch that changes it.
    @Test func networksOfOneSize() throws {
        let folder = try TemporaryFolder()
        var run = TestRun(folder: folder.file("run"))
        let network = try run.network()
        let own = network.architecture.input
        let error = TrainingStateError.fixedSize(found: own.squared(6), expected: own)
        #expect(throws: error) { try network.resize(to: own.squared(6)) }
        run.configuration.sizes = ImageSizes([2: 6])
        #expect(throws: error) { try run.start(network) }
        #expect(!FileManager.default.fileExists(atPath: folder.file("run/" + RunFolder.checkpointName)))
        // Where it is the network's own, nothing changes.
        run.configuration.sizes = ImageSizes([1: own.height])
        #expect(try run.start(network).run().isComplete)
    }

    private static var architecture: Architecture {
        get throws {
            try Architecture(
                name: "small", input: own, stem: .init(channels: 4, kernel: 3),
                stages: [.init(width: 4, blocks: 1), .init(width: 6, blocks: 1, stride: 2)], blockKind: .basic,
                gateHidden: 3, classes: 3)
        }
    }

    private static let settings: StepSettings = {
        let group = StepSettings.Group(learningRate: 0.1, weightDecay: 1e-3)
        return StepSettings(
            weights: group, normalization: group, gates: group, targetRateWeight: 1, targetRates: [0.5, 0.4],
            averageDecay: 0.9, seed: 2)
    }()

    private static func batch(_ input: FeatureShape) -> Batch {
        Batch(images: TestValues.uniform(4 * input.count, seed: UInt64(input.height)), labels: [0, 2, 1, 0])
    }

    // MARK: Runs

    /// A run of four epochs whose size changes twice, the last time to the architecture's own.
    private static func plan(_ folder: TemporaryFolder, _ name: String) throws -> TrainingPlan {
        var configuration = TrainingConfiguration(.cifarOneCycle, epochs: 4)
        configuration.targetRates = .all(0.7)
        configuration.batch = 6
        configuration.learningRate = 0.05
        configuration.averageDecay = 0.9
        configuration.sizes = ImageSizes([0: 16, 1: 20, 3: 32])
        return TrainingPlan(
            architecture: try Architecture(named: "convnet-aig-cifar-8"), dataPath: folder.file("pictures"),
            configuration: configuration, folder: folder.file(name), backend: try .openCL())
    }

    /// Broken off in the middle of each epoch and at its end, whatever the size before and after.
    @Test func resumesToTheSameBits() throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write10(folder, "pictures/", counts: [4, 4, 4, 4, 4, 6])
        let outcome = try TrainingRun(Self.plan(folder, "whole")).trainer.run()
        #expect(outcome.isComplete && outcome.history.count == 4)
        let whole = folder.file("whole")
        let best = try Weights(path: whole + "/best.safetensors")
        // Measured and kept at the architecture's own size.
        #expect(best.architecture.input == .init(height: 32, width: 32))
        #expect(try Checkpoint(path: whole + "/checkpoint.safetensors").architecture.input.height == 32)

        let parts = folder.file("parts")
        var rounds = 0
        var isComplete = false
        while !isComplete {
            let stop = StopRequest()
            let run =
                try rounds == 0
                ? TrainingRun(Self.plan(folder, "parts")) : TrainingRun.resume(folder: parts, backend: .openCL())
            var told = 0
            isComplete = try run.trainer.run(stop: stop) { _ in
                told += 1
                if told == 2 { stop.request() }
            }.isComplete
            rounds += 1
            try #require(rounds < 30)
        }
        #expect(rounds > 6)
        for name in ["last", "best"] {
            #expect(
                try Weights(path: parts + "/\(name).safetensors").tensors()
                    == Weights(path: whole + "/\(name).safetensors").tensors(), "\(name)")
        }
        let (found, expected) = (
            try Checkpoint(path: parts + "/checkpoint.safetensors"),
            try Checkpoint(path: whole + "/checkpoint.safetensors")
        )
        #expect(found.state.weights == expected.state.weights && found.state.momentum == expected.state.momentum)
        #expect(found.state.average == expected.state.average)
        #expect(found.history.map(\.loss) == expected.history.map(\.loss))
        #expect(found.history.map(\.validation) == expected.history.map(\.validation))
    }

    @Test func nothingIsWrittenForSizesThatDoNotFit() throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write10(folder, "pictures/", counts: [4, 4, 4, 4, 4, 6])
        var plan = try Self.plan(folder, "run")
        plan.configuration.sizes = ImageSizes([0: 16, 3: 1 << 40])
        #expect(throws: TrainingConfigurationError.self) { try TrainingRun(plan) }
        #expect(!FileManager.default.fileExists(atPath: folder.file("run")))
        plan.configuration.sizes = nil
        plan.configuration.stochasticDepth = 0.2
        #expect(throws: TrainingConfigurationError.self) { try TrainingRun(plan) }
        #expect(!FileManager.default.fileExists(atPath: folder.file("run")))
    }
}
