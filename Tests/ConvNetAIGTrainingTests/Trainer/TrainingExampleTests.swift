import ConvNetAIG
import ConvNetAIGTraining
import Foundation
import TestSupport
import Testing

/// The example in the documentation of ``TrainingRun`` is what is run here.
@Suite struct TrainingExampleTests {
    private func example(images: String, folder: String, print: (Any...) -> Void) throws {
        // The example begins.
        var configuration = TrainingConfiguration(.cifarOneCycle, epochs: 2)
        configuration.targetRates = .all(0.7)
        let plan = TrainingPlan(
            architecture: try Architecture(named: "convnet-aig-cifar-8"), dataPath: images,
            configuration: configuration, folder: folder, backend: try .openCL())
        let run = try TrainingRun(plan)
        let outcome = try run.trainer.run { progress in
            if let metrics = progress.finished { print(metrics.epoch, metrics.loss, metrics.accuracy) }
        }
        print(outcome.best?.top1 ?? 0, "in", run.trainer.folder.bestPath)
        // The example ends.
    }

    @Test func runs() throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write10(folder, "pictures/", counts: [4, 4, 4, 4, 4, 6])
        var lines: [[Any]] = []
        try example(images: folder.file("pictures"), folder: folder.file("run")) { (values: Any...) in
            lines.append(values)
        }
        #expect(lines.count == 3)
        #expect(lines.prefix(2).compactMap { $0[0] as? Int } == [1, 2])
        let best = folder.file("run/best.safetensors")
        #expect(lines.last?.last as? String == best)
        #expect(try Weights(path: best).classNames == CIFARFixture.names10)
        let resumed = try TrainingRun.resume(folder: folder.file("run"), backend: .openCL())
        #expect(try resumed.trainer.run().history.count == 2)
    }

    @Test func isTheDocumentations() throws {
        let own = try String(contentsOfFile: #filePath, encoding: .utf8)
        let begin = try #require(own.range(of: "        // The example begins.\n")).upperBound
        let end = try #require(own.range(of: "        // The example ends.\n")).lowerBound
        let documented = own[begin..<end].split(separator: "\n").map { "/// " + $0.dropFirst(8) + "\n" }.joined()
        let source = try String(
            contentsOfFile: Fixtures.path("../../Sources/ConvNetAIGTraining/Trainer/TrainingRun.swift"), encoding: .utf8
        )
        #expect(source.contains("/// ```swift\n" + documented + "/// ```\n"))
    }
}
