import ConvNetAIG
import ConvNetAIGModels
import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct ClassifyTests {
    private struct Report: Decodable {
        struct ClassScore: Decodable {
            let index: Int
            let name: String?
            let probability: Float
        }

        struct Graph: Decodable, Equatable {
            let executed: [Bool]
            let gates: [Bool]
            let gateProbabilities: [Float]
        }

        let file: String
        let error: String?
        let device: String?
        let architecture: String?
        let policy: String?
        let classes: [ClassScore]?
        let graph: Graph?
        let macs: Int?
        let macsDense: Int?
    }

    private static let samples = ["camera.png", "chelsea.png", "coffee.png", "color.png", "rocket.jpg"].map {
        Fixtures.path("samples/\($0)")
    }

    @Test(arguments: Fixtures.backends)
    func jsonIsTheLibrarysPrediction(_ backend: String) async throws {
        let outcome = try await AIGProcess.run(
            ["classify", "--json", "--top", "3", "--batch", "2", "--backend", backend] + Self.samples)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let reports = try outcome.decoded([Report].self)
        #expect(reports.map(\.file) == Self.samples)
        let session = try Session(weights: EmbeddedModel.standard.weights(), backend: .reference, batch: 5)
        let expected = try await session.predict(
            try Self.samples.map { try Image(contentsOf: $0) }, top: 3)
        for (report, prediction) in zip(reports, expected) {
            let classes = try #require(report.classes)
            #expect(classes.map(\.index) == prediction.topClasses.map(\.index))
            #expect(classes.map(\.name) == prediction.topClasses.map(\.name))
            for (found, expected) in zip(classes, prediction.topClasses) {
                #expect(abs(found.probability - expected.probability) < 1e-4)
            }
            #expect(report.graph?.executed == prediction.graph.executed)
            #expect(report.graph?.gates == prediction.graph.gates)
            #expect(report.graph?.gateProbabilities.count == prediction.graph.gateProbabilities.count)
            #expect(report.macs == prediction.graph.macs)
            #expect(report.macsDense == prediction.graph.denseMACs)
            #expect(report.architecture == "convnet-aig-cifar-20")
            #expect(report.policy == "argmax")
            #expect(report.device?.isEmpty == false)
        }
    }

    @Test func textShowsClassesRouteAndCost() async throws {
        let outcome = try await AIGProcess.run(
            "classify", "--backend", "reference", "--policy", "mask:1001", "--top", "2", Self.samples[1])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 6)
        #expect(lines.first == "convnet-aig-cifar-20 on CPU reference, policy mask:1001")
        #expect(lines.contains(Self.samples[1]))
        #expect(lines.contains("  ■■■ ■□□ ■■■"))
        #expect(outcome.output.contains("7 of 9 blocks"))
        #expect(outcome.output.contains(" of 40,815,616 MACs ("))
        #expect(!outcome.output.contains("\u{1B}"))
    }

    @Test func networkWithoutGatesIsEmbeddedToo() async throws {
        let outcome = try await AIGProcess.run(
            "classify", "--backend", "reference", "--architecture", "resnet-cifar-20", "--json",
            Self.samples[1])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(try outcome.decoded([Report].self).first)
        #expect(report.architecture == "resnet-cifar-20")
        #expect(
            report.graph
                == .init(executed: [Bool](repeating: true, count: 9), gates: [], gateProbabilities: []))
        #expect(report.macs == report.macsDense)
    }

    @Test func weightsMayComeFromAFile() async throws {
        let fixture = try NetworkFixture()
        for arguments in [
            ["--weights", fixture.weights],
            ["--weights", fixture.bareWeights, "--architecture", "convnet-aig-cifar-8"],
            ["--weights", "random:1", "--architecture", "convnet-aig-cifar-8"],
        ] {
            let outcome = try await AIGProcess.run(
                ["classify", "--backend", "reference", "--json", Self.samples[0]] + arguments)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let report = try #require(try outcome.decoded([Report].self).first)
            #expect(report.architecture == "convnet-aig-cifar-8")
            // Classes without a name have the key all the same.
            #expect(report.classes?.count == 5)
            #expect(outcome.output.contains(#""name":null"#))
        }
    }

    @Test func drawsDependOnTheImageAlone() async throws {
        let missing = "no-such-picture.png"
        var graphs: [[Report.Graph]] = []
        for (batch, files) in [
            ("1", Self.samples), ("3", Self.samples), ("5", [missing] + Self.samples),
            ("2", Self.samples + [missing]),
        ] {
            let outcome = try await AIGProcess.run(
                ["classify", "--backend", "reference", "--policy", "sample:11", "--json", "--batch", batch]
                    + files)
            graphs.append(try outcome.decoded([Report].self).compactMap(\.graph))
        }
        #expect(graphs[0].count == 5)
        for graph in graphs { #expect(graph.map(\.gates) == graphs[0].map(\.gates)) }
    }

    @Test func unreadableImagesDoNotStopTheOthers() async throws {
        let folder = try TemporaryFolder()
        let png = try Fixtures.contents("samples/chelsea.png")
        let jpeg = try Fixtures.contents("samples/rocket.jpg")
        let bad = [
            try folder.file("empty.png", []),
            try folder.file("truncated.png", Array(png.prefix(png.count / 2))),
            try folder.file("truncated.jpg", Array(jpeg.prefix(jpeg.count / 2))),
            try folder.file("text.jpg", Array("text".utf8)),
            folder.file("missing.png"), try folder.file("text.tar", Array("text".utf8)),
        ]
        let files = [bad[0], Self.samples[0], bad[1], bad[2], Self.samples[1], bad[3], bad[4], bad[5]]
        let arguments = ["classify", "--backend", "reference", "--batch", "2"] + files

        let json = try await AIGProcess.run(arguments + ["--json"])
        #expect(json.status == 1)
        let reports = try json.decoded([Report].self)
        #expect(reports.map(\.file) == files)
        for report in reports {
            #expect((report.error != nil) == bad.contains(report.file))
            #expect((report.classes == nil) == bad.contains(report.file))
        }

        let text = try await AIGProcess.run(arguments)
        #expect(text.status == 1)
        for outcome in [json, text] {
            let lines = outcome.errors.split(separator: "\n")
            #expect(lines.count == bad.count)
            for file in bad {
                #expect(lines.count { $0.hasPrefix("Error: \(file)") } == 1, "\(outcome.errors)")
            }
        }
        for file in files { #expect(text.output.contains("\n\(file)\n") != bad.contains(file)) }
    }

    /// All images of a folder or an archive, in the order of their paths, and a word on what is no image.
    @Test(arguments: [false, true])
    func foldersAndArchives(_ isArchive: Bool) async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("set/b"), withIntermediateDirectories: true)
        for (from, to) in [("chelsea.png", "set/b/cat"), ("rocket.jpg", "set/a.jpeg"), ("README.md", "set/notes.md")] {
            try FileManager.default.copyItem(atPath: Fixtures.path("samples/\(from)"), toPath: folder.file(to))
        }
        #expect(try ShellCommand.run(["tar", "-C", folder.path, "-cf", folder.file("set.tar"), "set"]).status == 0)
        let path = folder.file(isArchive ? "set.tar" : "set")
        let outcome = try await AIGProcess.run("classify", "--backend", "reference", "--json", path)
        #expect(outcome.status == 0)
        let names = isArchive ? [path + ":set/a.jpeg", path + ":set/b/cat"] : [path + "/a.jpeg", path + "/b/cat"]
        #expect(try outcome.decoded([Report].self).map(\.file) == names)
        #expect(outcome.errors.hasPrefix("Note: 1 .md file left out: not JPEG, PNG or WebP"))
        let empty = try await AIGProcess.run("classify", "--backend", "reference", folder.file("none/"))
        #expect(empty.status == 1)
    }

    @Test func nothingReadableIsAnEmptyResult() async throws {
        let outcome = try await AIGProcess.run("classify", "--backend", "reference", "nowhere.png")
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errorCount == 1)
    }

    @Test func namesCannotControlTheTerminal() async throws {
        let folder = try TemporaryFolder()
        let name = "evil\u{1B}[31m\nname.png"
        let path = try folder.file(name, try Fixtures.contents("pictures/one.png"))
        let outcome = try await AIGProcess.run("classify", "--backend", "reference", path, path + "\u{7}")
        #expect(outcome.status == 1)
        for text in [outcome.output, outcome.errors] {
            #expect(!text.contains("\u{1B}") && !text.contains("\u{7}"))
            #expect(text.contains("evil"))
        }
        #expect(outcome.output.contains(#"evil\u{1B}[31m\nname.png"#))
    }

    @Test func mistakes() async throws {
        let fixture = try NetworkFixture()
        let image = Self.samples[0]
        let junk = try fixture.folder.file("junk.safetensors", [UInt8](repeating: 0xFF, count: 99))
        let cases: [(arguments: [String], status: Int32, fragment: String)] = [
            ([], 64, "files"),
            ([image, "--top", "0"], 64, "--top"),
            ([image, "--batch", "0"], 64, "--batch"),
            ([image, "--policy", "perhaps"], 64, "perhaps"),
            ([image, "--policy", "mask:01"], 64, "4 gated blocks"),
            ([image, "--architecture", "convnet-aig-50"], 64, "--weights"),
            ([image, "--classes", "12"], 1, "10 classes"),
            ([image, "--weights", "nowhere.safetensors"], 1, "nowhere.safetensors"),
            ([image, "--weights", junk], 1, junk),
            ([image, "--weights", "random:1"], 64, "--architecture"),
            ([image, "--weights", fixture.weights, "--policy", "mask:01"], 1, "3 gated blocks"),
            ([image, "--weights", fixture.weights, "--architecture", "resnet-cifar-20"], 1, "do not fit"),
            ([image, "--batch", "100000000"], 1, "smaller batch"),
        ]
        for (arguments, status, fragment) in cases {
            let outcome = try await AIGProcess.run(
                ["classify", "--backend", "reference"] + arguments, isLimited: true)
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(outcome.errorCount == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains(fragment), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }
        let outcome = try await AIGProcess.run(
            ["classify", image], environment: ["OCL_ICD_VENDORS": "/nonexistent"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("Error: No OpenCL driver"))
    }
}
