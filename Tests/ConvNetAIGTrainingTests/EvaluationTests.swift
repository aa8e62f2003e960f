import ConvNetAIG
import ConvNetAIGModels
import Foundation
import Statistics
import TestSupport
import Testing

@testable import ConvNetAIGTraining

@Suite struct EvaluationTests {
    /// One for all tests: compiling its kernels takes most of their time. 40 images are no whole number of its batches.
    private static let session = Result {
        try Session(weights: EmbeddedModel.standard.weights(), backend: .openCL(), batch: 7)
    }

    /// CIFAR-10's test file with images of noise: 40 of the first seven classes.
    static func makeSet(names: Bool = true) throws -> CIFARDataset {
        let folder = try TemporaryFolder()
        _ = try folder.file(
            "test_batch.bin", (0..<40).flatMap { [UInt8($0 * $0 % 7)] + CIFARFixture.samples($0) })
        if names {
            _ = try folder.file("batches.meta.txt", Array(CIFARFixture.names10.joined(separator: "\n").utf8))
        }
        // The file stays mapped when the folder is removed.
        return try CIFARDataset(path: folder.path, split: .test)
    }

    @Test func agreesWithPredicting() throws {
        let session = try Self.session.get()
        let gates = session.architecture.gatedBlocks.count
        let set = try Self.makeSet()
        let predictions = try session.predict((0..<set.count).map(set.image))
        let labels = (0..<set.count).map(set.label)
        for threads in [1, 2, 5] {
            let evaluation = try Evaluation(of: session, on: set, threads: threads)
            #expect(evaluation.predictions == predictions.map { $0.topClasses[0].index })
            #expect(evaluation.classes == CIFARFixture.names10)
            #expect(evaluation.networkClasses == CIFARFixture.names10)
            #expect(evaluation.count == 40)
            #expect(evaluation.meanMACs == Double(predictions.reduce(0) { $0 + $1.graph.macs }) / 40)
            let right = zip(predictions, labels).map { $0.topClasses[0].index == $1 }
            #expect(evaluation.top1 == Double(right.count { $0 }) / 40)
            #expect(
                evaluation.top5
                    == Double(
                        zip(predictions, labels).count { prediction, label in
                            prediction.topClasses.contains { $0.index == label }
                        }) / 40)
            #expect(evaluation.top1Interval == ConfidenceInterval.wilson(right.count { $0 }, of: 40))
            let five = Int((evaluation.top5 * 40).rounded())
            #expect(evaluation.top5Interval == ConfidenceInterval.wilson(five, of: 40))
            let pairs = zip(labels, predictions).map { [$0, $1.topClasses[0].index] }
            #expect(evaluation.confusion.entries.reduce(0) { $0 + $1.count } == 40)
            for entry in evaluation.confusion.entries {
                #expect(entry.count == pairs.count { $0 == [entry.actual, entry.predicted] })
            }
            for label in 0..<10 {
                let ofClass = labels.indices.filter { labels[$0] == label }
                #expect(evaluation.countsByClass[label] == ofClass.count)
                let count = Double(max(ofClass.count, 1))
                #expect(
                    evaluation.top1IntervalsByClass[label]
                        == ConfidenceInterval.wilson(ofClass.count { right[$0] }, of: ofClass.count))
                #expect(evaluation.top1ByClass[label] == Double(ofClass.count { right[$0] }) / count)
                #expect(evaluation.executionRatesByClass[label].count == gates)
                for gate in 0..<gates {
                    let open = ofClass.count { predictions[$0].graph.gates[gate] }
                    #expect(evaluation.executionRatesByClass[label][gate] == Double(open) / count)
                }
            }
            for gate in 0..<gates {
                #expect(
                    evaluation.executionRates[gate] == Double(predictions.count { $0.graph.gates[gate] }) / 40)
            }
        }
        #expect(Set(labels).count < 10)
    }

    /// As after every epoch of a training run.
    @Test(arguments: [(1 << 20, 9), (2 * 3 * 64, 9 + 5), (0, 9 + 7)])
    func keptImagesAreDecodedOnce(_ limit: Int, _ decodeCount: Int) throws {
        let architecture = try Architecture(named: "convnet-aig-cifar-8")
        let session = try Session(weights: .random(for: architecture, seed: 1), backend: .reference, batch: 4)
        let images = SyntheticImages(9, classes: 10, broken: [3, 6])
        let kept = CachedDataset(images, limit: limit)
        let expected = try Evaluation(of: session, on: images)
        for _ in 0..<2 {
            let evaluation = try Evaluation(of: session, on: kept)
            #expect(evaluation.predictions == expected.predictions)
            #expect(evaluation.failures == expected.failures)
            #expect(kept.failures.map(\.name) == ["picture 3", "picture 6"])
        }
        #expect(kept.decodeCount == decodeCount)
    }

    @Test func randomPoliciesGoByTheImage() throws {
        let session = try Self.session.get()
        let set = try Self.makeSet()
        let policy = GatePolicy.sample(seed: 3)
        let expected = try session.predict((0..<set.count).map(set.image), policy: policy)
        let evaluation = try Evaluation(of: session, on: set, policy: policy, threads: 3)
        #expect(evaluation.meanMACs == Double(expected.reduce(0) { $0 + $1.graph.macs }) / 40)
    }

    @Test func everyImageThatCouldBeReadIsVisitedInOrder() throws {
        let architecture = try Architecture(named: "convnet-aig-cifar-8")
        let session = try Session(weights: .random(for: architecture, seed: 1), backend: .reference, batch: 4)
        let set = SyntheticImages(9, classes: 10, broken: [0, 5])
        var visited: [Evaluation.ImageResult] = []
        let evaluation = try Evaluation(of: session, on: set, limit: 8, threads: 3) { _ in
        } visit: {
            visited.append($0)
        }
        #expect(visited.map(\.index) == [1, 2, 3, 4, 6, 7])
        #expect(visited.map(\.label) == [1, 2, 3, 4, 6, 7])
        #expect(visited.map { $0.prediction.topClasses[0].index } == evaluation.predictions.compactMap(\.self))
        #expect(Double(visited.count { $0.isRight }) == 6 * evaluation.top1)
        // The weights name no classes: those of the set are the network's, in order.
        let names = (0..<10).map { "class \($0)" }
        #expect(evaluation.networkClasses == names)
        #expect(visited.allSatisfy { $0.classes == names })
    }

    @Test func subsetsAndLimits() throws {
        let session = try Self.session.get()
        let set = try Self.makeSet()
        let whole = try Evaluation(of: session, on: set)
        let parts = try set.holdOut(fraction: 0.3)
        let heldOut = try Evaluation(of: session, on: parts.heldOut)
        #expect(heldOut.predictions == parts.heldOut.indices.map { whole.predictions[$0] })
        var progress: [Int] = []
        let limited = try Evaluation(of: session, on: set, limit: 19) { progress.append($0) }
        #expect(progress == [7, 14, 19])
        #expect(limited.predictions == set.evenIndices(limit: 19).map { whole.predictions[$0] })
        let labels = set.evenIndices(limit: 19).map(set.label)
        #expect(limited.countsByClass == set.classes.indices.map { label in labels.count { $0 == label } })
        for limit in [0, -1] {
            let nothing = try Evaluation(of: session, on: set, limit: limit)
            #expect(nothing.count == 0)
            #expect(nothing.top1 == 0)
            #expect(nothing.top1Interval == nil && nothing.top5Interval == nil)
            #expect(nothing.confusion.entries.isEmpty)
            #expect(
                nothing.executionRates == [Double](repeating: 0, count: session.architecture.gatedBlocks.count))
        }
        #expect(try Evaluation(of: session, on: set, limit: 100).predictions.count == 40)
    }

    @Test func numberedClassesAreTheNetworksByIndex() throws {
        let session = try Self.session.get()
        let named = try Evaluation(of: session, on: Self.makeSet())
        let numbered = try Evaluation(of: session, on: Self.makeSet(names: false))
        #expect(numbered.classes == (0..<10).map(String.init))
        #expect(numbered.top1ByClass == named.top1ByClass)
        #expect(numbered.networkClasses == CIFARFixture.names10 && numbered.confusion == named.confusion)
        let many = SyntheticImages(3, classes: 11)
        #expect(throws: DatasetError.self) { try Evaluation(of: session, on: many) }
    }

    @Test func brokenImagesAreLeftOutWhateverTheThreads() throws {
        let session = try Self.session.get()
        let folder = try SampleImages.makeFolder()
        let set = try ImageDataset(path: folder.path, split: "test")
        let first = try Evaluation(of: session, on: set, threads: 1)
        let second = try Evaluation(of: session, on: set, threads: 4)
        #expect(first.failures.count == 1)
        #expect(first.failures == second.failures)
        #expect(first.predictions == second.predictions)
        #expect(first.countsByClass == [1, 2])
        #expect(first.executionRatesByClass == second.executionRatesByClass)
        for index in [0, 2, 3] { #expect(first.predictions[index] != nil) }
    }
}
