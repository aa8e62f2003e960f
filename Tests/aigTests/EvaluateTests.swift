import ConvNetAIG
import ConvNetAIGModels
import ConvNetAIGReport
import ConvNetAIGTraining
import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct EvaluateTests {
    private struct Report: Decodable {
        struct Class: Decodable {
            let name: String
            let pictures: Int
            let top1: Double
            let top1Interval: ConfidenceInterval?
            let executionRates: [Double]
        }

        struct Confusion: Decodable {
            let `true`: String
            let predicted: String
            let trueIndex: Int
            let predictedIndex: Int
            let count: Int
        }

        let architecture: String
        let device: String
        let policy: String
        let pictures: Int
        let skipped: Int
        let top1: Double
        let top5: Double
        let top1Interval: ConfidenceInterval?
        let top5Interval: ConfidenceInterval?
        let meanMacs: Double
        let denseMacs: Int
        let macShare: Double
        let blocks: [String]
        let executionRates: [Double]
        let classes: [Class]
        let confusion: [Confusion]
    }

    /// What weights say of images, so that nothing has to be guessed.
    private static let normalization = ["mean": "0.5,0.5,0.5", "std": "0.25,0.25,0.25"]

    /// Class folders of CIFAR-10's names with sample images, one of them broken.
    private func samples() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, label) in [("chelsea.png", "cat"), ("rocket.jpg", "airplane"), ("coffee.png", "cat")] {
            try TrainingFixture.makeFolder(folder.file("test/\(label)"))
            try TrainingFixture.makeFolder(folder.file("train/\(label)"))
            for split in ["train", "test"] {
                try FileManager.default.copyItem(
                    atPath: Fixtures.path("samples/\(name)"), toPath: folder.file("\(split)/\(label)/\(name)"))
            }
        }
        _ = try folder.file("test/cat/broken.png", [0x89, 0x50])
        return folder
    }

    @Test(arguments: Fixtures.backends)
    func jsonIsTheLibrarysEvaluation(_ backend: String) async throws {
        let folder = try samples()
        let outcome = try await AIGProcess.run("evaluate", "--data", folder.path, "--json", "--backend", backend)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.errors.hasPrefix("Left out: ") && outcome.errors.contains("broken.png"))
        let report = try outcome.decoded(Report.self)
        let session = try Session(weights: EmbeddedModel.standard.weights(), backend: .reference, batch: 4)
        let expected = try await Evaluation(of: session, on: ImageDataset(path: folder.path, split: "test"))
        #expect(report.architecture == "convnet-aig-cifar-20")
        #expect(!report.device.isEmpty)
        #expect(report.policy == "argmax")
        #expect(report.pictures == 3 && report.skipped == 1)
        #expect(report.top1 == expected.top1 && report.top5 == expected.top5)
        #expect(report.top1Interval == expected.top1Interval && report.top1Interval != nil)
        #expect(report.top5Interval == expected.top5Interval && report.top5Interval != nil)
        #expect(report.meanMacs == expected.meanMACs)
        #expect(report.denseMacs == session.cost.macs)
        #expect(abs(report.macShare - report.meanMacs / Double(report.denseMacs)) < 1e-12)
        #expect(report.blocks == ["layer1.2", "layer2.1", "layer2.2", "layer3.1"])
        #expect(report.executionRates == expected.executionRates)
        #expect(report.classes.map(\.name) == ["airplane", "cat"])
        #expect(report.classes.map(\.pictures) == [1, 2])
        #expect(report.classes.map(\.top1) == expected.top1ByClass)
        #expect(report.classes.map(\.executionRates) == expected.executionRatesByClass)
        #expect(report.classes.map(\.top1Interval) == expected.top1IntervalsByClass)
        #expect(!report.confusion.isEmpty)
        let names = expected.networkClasses
        #expect(
            report.confusion.map { [$0.true, $0.predicted, "\($0.trueIndex)", "\($0.predictedIndex)", "\($0.count)"] }
                == expected.confusion.entries.map {
                    [names[$0.actual], names[$0.predicted], "\($0.actual)", "\($0.predicted)", "\($0.count)"]
                })
    }

    @Test func tableLeavesOutClassesWithoutImages() async throws {
        // Of CIFAR-10's ten classes it has images of three.
        let fixture = try TrainingFixture(.cifar)
        let weights = fixture.path("weights.safetensors")
        var last = ""
        for architecture in [fixture.architecture, fixture.plainArchitecture] {
            try Weights.random(for: .load(architecture, classes: 10), seed: 1)
                .write(to: weights, metadata: Self.normalization)
            let outcome = try await AIGProcess.run(
                "evaluate", "--weights", weights, "--data", fixture.data, "--backend", "reference")
            // The weights name no classes.
            #expect(outcome.status == 0)
            #expect(outcome.errors.hasPrefix("Note: neither the network nor the folders say which class is which"))
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines.first == "small on 24 pictures, gates by argmax")
            #expect(lines[1].hasPrefix("  top 1  ") && lines[2].hasPrefix("  top 5  "))
            #expect(lines[1].contains(" %, 95 % interval ") && lines[2].contains(" %, 95 % interval "))
            #expect(lines[3].hasPrefix("  MACs   ") && lines[3].contains(" a picture, "))
            #expect(!outcome.output.contains("unused"))
            last = outcome.output
            let names = lines.dropFirst(4).map { $0.split { " :".contains($0) }.first.map(String.init) ?? "" }
            #expect(
                names
                    == (architecture == fixture.architecture ? ["Share", "all"] : []) + TrainingFixture.classes,
                "\(outcome.output)")
        }
        let json = try await AIGProcess.run(
            "evaluate", "--weights", weights, "--data", fixture.data, "--backend", "reference", "--json")
        let report = try json.decoded(Report.self)
        #expect(report.classes.map(\.pictures) == [8, 8, 8, 0, 0, 0, 0, 0, 0, 0])
        #expect(
            report.classes.map { $0.top1Interval != nil } == [true, true, true] + [Bool](repeating: false, count: 7))
        for accuracy in report.classes.prefix(3) {
            let interval = try #require(accuracy.top1Interval)
            let text = String(
                format: "(%.2f to %.2f)", locale: nil, 100 * interval.low, 100 * interval.high)
            #expect(
                last.contains("  \(accuracy.name): \(String(format: "%.2f", 100 * accuracy.top1)) % \(text)"), "\(last)"
            )
        }
    }

    @Test func policiesAndLimits() async throws {
        let fixture = try TrainingFixture()
        let weights = fixture.path("weights.safetensors")
        let names = String(decoding: try JSONEncoder().encode(TrainingFixture.classes), as: UTF8.self)
        try Weights.random(for: .load(fixture.architecture), seed: 1)
            .write(to: weights, metadata: Self.normalization.merging(["classes": names]) { $1 })
        let arguments = [
            "evaluate", "--weights", weights, "--data", fixture.data, "--json", "--backend", TrainingFixture.backend,
        ]
        for (options, images, share) in [
            (["--policy", "always"], 24, 0.99...1.0), (["--policy", "mask:000", "--limit", "5"], 5, 0.0...0.9),
            (["--limit", "1000", "--batch", "7", "--optimize", "memory", "--policy", "sample:3"], 24, 0.0...1.0),
        ] {
            let outcome = try await AIGProcess.run(arguments + options)
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            let report = try outcome.decoded(Report.self)
            #expect(report.pictures == images)
            // Gates that are not asked cost nothing.
            #expect(share.contains(report.macShare))
            #expect(options.contains(report.policy))
        }
    }

    @Test func theOtherEmbeddedModel() async throws {
        let folder = try samples()
        let outcome = try await AIGProcess.run(
            "evaluate", "--data", folder.path, "--architecture", "resnet-cifar-20", "--backend", "reference", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try outcome.decoded(Report.self)
        #expect(report.architecture == "resnet-cifar-20")
        #expect(report.macShare == 1 && report.blocks.isEmpty)
    }

    @Test func nothingReadable() async throws {
        let folder = try TemporaryFolder()
        try TrainingFixture.makeFolder(folder.file("cat"))
        _ = try folder.file("cat/1.png", [1])
        let outcome = try await AIGProcess.run("evaluate", "--data", folder.path, "--backend", "reference")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("cat/1.png"), "\(outcome.errors)")
        let json = try await AIGProcess.run("evaluate", "--data", folder.path, "--backend", "reference", "--json")
        #expect(json.status == 1 && !json.output.contains("interval"))
        let report = try json.decoded(Report.self)
        #expect(report.top1 == 0 && report.confusion.isEmpty)
    }

    @Test func mistakes() async throws {
        let folder = try samples()
        let other = try TrainingFixture()
        let (data, empty) = (["--data", folder.path], other.path("empty"))
        try TrainingFixture.makeFolder(empty)
        let cases: [(arguments: [String], status: Int32, fragments: [String])] = [
            ([], 64, ["--data"]), (data + ["--limit", "0"], 64, ["--limit"]),
            (data + ["--threads", "0"], 64, ["--threads"]), (data + ["--batch", "0"], 64, ["--batch"]),
            (data + ["--policy", "perhaps"], 64, ["perhaps"]),
            (data + ["--policy", "mask:01"], 64, ["4 gated blocks"]),
            (data + ["--architecture", "convnet-aig-50"], 64, ["convnet-aig-50", "--weights"]),
            (data + ["--weights", "random:1"], 64, ["--architecture"]),
            (data + ["--classes", "12"], 1, ["10 classes"]),
            (data + ["--weights", other.path("none")], 1, [other.path("none")]),
            (data + ["--weights", other.architecture], 1, ["not a valid safetensors file"]),
            (["--data", empty], 1, [empty, "no pictures"]),
            (["--data", empty + "/nowhere"], 1, ["nowhere", "no such file"]),
            (["--data", other.data], 1, [other.data, "'blue'", "airplane"]),
        ]
        for (arguments, status, fragments) in cases {
            let outcome = try await AIGProcess.run(["evaluate", "--backend", "reference"] + arguments)
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(outcome.errorCount == 1, "\(arguments): \(outcome.errors)")
            for fragment in fragments {
                #expect(outcome.errors.contains(fragment), "'\(fragment)' is not in: \(outcome.errors)")
            }
            #expect(outcome.output.isEmpty)
        }
    }
}
