import ConvNetAIG
import Foundation
import TestSupport

@testable import ConvNetAIGTraining

/// A short run of a ``FakeNetwork``. Its clock stands still, so that all files of equal runs are equal.
struct TestRun {
    let folder: String
    var configuration = TestRun.configuration()
    var batches = FakeBatches()
    var data = TrainingData(
        path: "/pictures", options: ["split": "train"], classNames: ["ape", "bear", "cat"], mean: [0.1, 0.2],
        std: [0.3, 0.4])
    /// Validation accuracy by epoch, from 1.
    var top1: [Double] = [0.25, 0.75, 0.5, 0.625, 0.875]

    static let epochs = 3
    static let steps = 15

    static func configuration() -> TrainingConfiguration {
        var configuration = TrainingConfiguration()
        configuration.epochs = epochs
        configuration.batch = 4
        configuration.seed = 3
        configuration.learningRate = 0.01
        configuration.schedule = .oneCycle(OneCycle(cyclesMomentum: true))
        configuration.gateLearningRateFactor = 3
        configuration.targetRateWeight = 2
        configuration.targetRates = .perBlock([0.5, 1, 0.7])
        configuration.averageDecay = 0.75
        return configuration
    }

    /// With the second block ungated, as the target rates ask for.
    static func architecture() throws -> Architecture {
        try FakeNetwork.architecture().adaptive(hidden: 2, ungatedBlocks: [1])
    }

    func network() throws -> FakeNetwork { try FakeNetwork(Self.architecture()) }

    /// - Parameter seen: told of the weights that are validated.
    func start(
        _ network: FakeNetwork? = nil, seen: @escaping (Weights) throws -> Void = { _ in }
    ) throws -> Trainer {
        let trainer = try Trainer(
            network ?? self.network(), configuration: configuration, batches: batches, data: data,
            folder: RunFolder(path: folder), validate: validation(seen))
        trainer.now = { 0 }
        return trainer
    }

    func resume(_ network: FakeNetwork? = nil, epochs: Int? = nil) throws -> Trainer {
        let folder = try RunFolder(path: folder)
        let trainer = try Trainer.resume(
            from: Checkpoint(path: folder.checkpointPath), network ?? self.network(), batches: batches, folder: folder,
            epochs: epochs, validate: validation { _ in })
        trainer.now = { 0 }
        return trainer
    }

    private func validation(_ seen: @escaping (Weights) throws -> Void) -> Trainer.Validation {
        { weights, _ in
            try seen(weights)
            let epoch = weights.metadata["epoch"].flatMap { Int($0) } ?? 1
            return ValidationResult(
                top1: top1[epoch - 1], top5: 1, meanMACs: 1234.5, macShare: 0.625, executionRates: [0.5, 0.1],
                images: 40, skipped: 1)
        }
    }

    /// The bytes of every file of the run.
    func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            files[name] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
        }
        return files
    }
}
