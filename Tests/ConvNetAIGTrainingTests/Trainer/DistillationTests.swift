import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

@Suite struct DistillationTests {
    private let folder: TemporaryFolder
    private var images: String { folder.file("pictures") }
    private var teacher: String { folder.file("teacher.safetensors") }

    init() throws {
        folder = try TemporaryFolder()
        try CIFARFixture.write10(folder, "pictures/", counts: [4, 4, 4, 4, 4, 6])
    }

    /// Writes weights that have been nowhere near an image.
    private func writeTeacher(
        _ architecture: String = "resnet-cifar-8", classes: Int = 10, seed: UInt64 = 1, names: [String]? = nil,
        mean: String? = nil
    ) throws {
        let architecture = try Architecture(named: architecture).with(classes: classes)
        var metadata = ["classes": (names ?? CIFARFixture.names10).joined(separator: ",")]
        if let mean { (metadata["mean"], metadata["std"]) = (mean, "1,1,1") }
        if classes != 10 { metadata["classes"] = nil }
        try Weights.random(for: architecture, seed: seed).write(to: teacher, metadata: metadata)
    }

    private func plan(_ name: String, weight: Float = 1, epochs: Int = 2) throws -> TrainingPlan {
        var configuration = TrainingConfiguration(.cifarOneCycle, epochs: epochs)
        configuration.targetRates = .all(0.7)
        configuration.batch = 6
        configuration.learningRate = 0.05
        configuration.distillation = Distillation(teacher: teacher, weight: weight)
        return TrainingPlan(
            architecture: try Architecture(named: "convnet-aig-cifar-8"), dataPath: images,
            configuration: configuration, folder: folder.file(name), backend: try .openCL())
    }

    @Test func batchesHaveTheLogitsOfTheirOwnImages() throws {
        try writeTeacher("convnet-aig-cifar-8")
        let set = try CIFARDataset(path: images, split: .train)
        let data = TrainingData(mean: Preprocessing.cifar10.mean, std: Preprocessing.cifar10.std)
        let architecture = try Architecture(named: "resnet-cifar-8")
        let loader = try DataLoader(
            set, input: architecture.input, mean: data.mean, std: data.std, augmentation: .cifar, batch: 6, seed: 3)
        let batches = DistillationSource(
            source: loader,
            teacher: try Teacher(path: teacher, for: architecture, data: data, backend: .openCL(), batch: 6),
            input: architecture.input, sizes: nil)
        #expect(batches.batchesPerEpoch == loader.batchesPerEpoch)
        let session = try Session(weights: Weights(path: teacher), backend: .reference, batch: 6)
        var own = try batches.batches(epoch: 2, from: 1)
        let plain = loader.batches(epoch: 2, from: 1)
        var count = 0
        while let batch = try own.next() {
            let expected = try #require(try plain.next())
            #expect(batch.images == expected.images && batch.labels == expected.labels)
            let output = try session.run(Tensor(shape: [batch.count, 3, 32, 32], values: batch.images))
            expectClose(
                try #require(batch.teacherLogits), (0..<batch.count).flatMap { output.logits(of: $0) }, "logits")
            count += 1
        }
        #expect(count == loader.batchesPerEpoch - 1)
        #expect(try plain.next() == nil)
    }

    /// Where the size of images changes, the teacher sees them as they are.
    @Test func theTeacherSeesTheEpochsSize() throws {
        try writeTeacher()
        let set = try CIFARDataset(path: images, split: .train)
        let data = TrainingData(mean: Preprocessing.cifar10.mean, std: Preprocessing.cifar10.std)
        let architecture = try Architecture(named: "resnet-cifar-8")
        let sizes = ImageSizes([0: 12, 2: 20])
        let batches = DistillationSource(
            source: try DataLoader(
                set, input: architecture.input, sizes: sizes, mean: data.mean, std: data.std, augmentation: .cifar,
                batch: 6, seed: 3),
            teacher: try Teacher(path: teacher, for: architecture, data: data, backend: .openCL(), batch: 6),
            input: architecture.input, sizes: sizes)
        let tensors = try Weights(path: teacher).tensors()
        for (epoch, side) in [(1, 12), (2, 20), (0, 12)] {
            let sized = try Architecture(named: "resnet-cifar-8", input: .init(height: side, width: side))
            let session = try Session(
                weights: Weights(architecture: sized, tensors: tensors), backend: .reference, batch: 6)
            var own = try batches.batches(epoch: epoch, from: 2)
            let batch = try #require(try own.next())
            let output = try session.run(Tensor(shape: [batch.count, 3, side, side], values: batch.images))
            expectClose(
                try #require(batch.teacherLogits), (0..<batch.count).flatMap { output.logits(of: $0) }, "logits")
        }
    }

    /// The labels say nothing: what is learnt is the teacher's.
    @Test func theTeacherIsLearnt() throws {
        try writeTeacher()
        let outcome = try TrainingRun(try plan("run", epochs: 30)).trainer.run()
        let losses = outcome.history.map(\.crossEntropy)
        #expect(losses.allSatisfy { $0 >= 0 })
        let (first, last) = (try #require(losses.first), try #require(losses.last))
        #expect(last < first / 2, "\(losses)")
    }

    @Test func resumesToTheSameBits() throws {
        try writeTeacher()
        _ = try TrainingRun(try plan("whole", weight: 0.5)).trainer.run()
        let stop = StopRequest()
        let begun = try TrainingRun(try plan("parts", weight: 0.5)).trainer.run(stop: stop) { progress in
            if progress.epoch == 2, progress.step == 1 { stop.request() }
        }
        #expect(!begun.isComplete)
        let parts = folder.file("parts")
        let ended = try TrainingRun.resume(folder: parts, backend: .openCL()).trainer.run()
        #expect(ended.isComplete)
        let whole = try Weights(path: folder.file("whole/last.safetensors"))
        #expect(try Weights(path: parts + "/last.safetensors").tensors() == whole.tensors())

        // Other weights under the teacher's name are another teacher.
        try writeTeacher(seed: 2)
        #expect(throws: TrainingError.differentTeacher(path: teacher)) {
            try TrainingRun.resume(folder: parts, backend: .openCL())
        }
    }

    @Test func teachersThatSeeOrNameSomethingElse() throws {
        func expectUnusable(_ fragment: String) throws {
            let error = #expect(throws: TrainingError.self) { try TrainingRun(try plan("run")) }
            guard case .unusableTeacher(let path, let problem) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(path == teacher && problem.contains(fragment), "\(problem)")
            // What cannot begin leaves nothing behind.
            #expect(!FileManager.default.fileExists(atPath: folder.file("run")))
        }
        try writeTeacher("resnet-18")
        try expectUnusable("input")
        try writeTeacher(classes: 7)
        try expectUnusable("7 classes")
        try writeTeacher(names: CIFARFixture.names10.reversed())
        try expectUnusable("another order")
        try writeTeacher(mean: "0.5,0.5,0.5")
        try expectUnusable("normalised otherwise")
    }

    @Test func aStepNeedsTheTeachersLogits() throws {
        let weights = Weights.random(for: try Architecture(named: "convnet-aig-cifar-8"), seed: 1)
        let network = try TrainingNetwork(weights: weights, backend: ReferenceTrainingBackend(), batch: 1)
        let group = StepSettings.Group(learningRate: 0.1, weightDecay: 0)
        let settings = StepSettings(weights: group, normalization: group, gates: group, teacherWeight: 0.5)
        var batch = Batch(images: [Float](repeating: 0, count: 3072), labels: [1])
        for logits in [nil, [1, 2, 3]] as [[Float]?] {
            batch.teacherLogits = logits
            #expect(throws: TrainingStepError.teacherLogits(found: logits?.count ?? 0, expected: 10)) {
                try network.step(batch, settings)
            }
        }
    }
}
