import ConvNetAIG
import ConvNetAIGTraining
import Foundation
import TestSupport
import Testing

/// `aig evaluate --predictions`.
@Suite(.serialized, .timeLimit(.minutes(10))) struct PredictionTableTests {
    /// Names that a CSV file has to quote, that CSV readers stumble over, and that spreadsheets take for something else.
    private static let names = [
        "=1+1", "a,b", "line\nbreak", "\"quoted\"", "quote\"\u{301}mark", "\r\n", "naïve 蛙 🐸",
    ]

    /// Two images of each class; the first of the first class is broken.
    private static func images() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (label, name) in names.enumerated() {
            try TrainingFixture.makeFolder(folder.file("test/\(name)"))
            try TrainingFixture.makeFolder(folder.file("train/\(name)"))
            for image in 0..<2 {
                let pixels = SyntheticImages.noise(3 * 64, seed: 10 * label + image)
                let bytes = PNGFile.bytes(width: 8, height: 8, pixels: pixels)
                _ = try folder.file("test/\(name)/\(image), \"x\".png", bytes)
                _ = try folder.file("train/\(name)/\(image).png", bytes)
            }
        }
        _ = try folder.file("test/=1+1/0, \"x\".png", [0x89, 0x50])
        return folder
    }

    /// What weights say, so that nothing has to be guessed.
    private static func said(_ classes: [String]) throws -> [String: String] {
        let names = String(decoding: try JSONEncoder().encode(classes), as: UTF8.self)
        return ["mean": "0.5,0.5,0.5", "std": "0.25,0.25,0.25", "classes": names]
    }

    private static func run(_ folder: TemporaryFolder, _ arguments: [String]) async throws -> AIGProcess.Outcome {
        try await AIGProcess.run(
            ["evaluate", "--data", folder.path, "--backend", "reference", "--batch", "3"] + arguments)
    }

    /// What the table should say, image by image.
    private static func rows(of set: ImageDataset, _ session: Session) throws -> [[String]] {
        var expected: [[String]] = []
        for index in 0..<set.count {
            guard let image = try? set.image(index) else { continue }
            let prediction = try session.predict([image])[0]
            #expect(prediction.topClasses.count == 5)
            let label = set.classes[set.label(index)]
            expected.append(
                [set.name(index), label] + prediction.topClasses.map { set.classes[$0.index] }
                    + prediction.topClasses.map { "\($0.probability)" }
                    + [
                        set.classes[prediction.topClasses[0].index] == label ? "1" : "0",
                        prediction.graph.executed.map { $0 ? "1" : "0" }.joined(), "\(prediction.graph.macs)",
                    ])
        }
        return expected
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    @Test func rowsAreTheLibrarysPredictions() async throws {
        let folder = try Self.images()
        let fixture = try TrainingFixture()
        let weights = fixture.path("seven.safetensors")
        try Weights.random(for: .load(fixture.architecture, classes: 7), seed: 3).write(
            to: weights, metadata: Self.said(ImageDataset(path: folder.path, split: "test").classes))
        let path = fixture.path("predictions.csv")
        let outcome = try await Self.run(folder, ["--weights", weights, "--predictions", path, "--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("Left out: ") && outcome.errors.contains("0, \"x\".png"), "\(outcome.errors)")

        let session = try Session(weights: Weights(path: weights), backend: .reference, batch: 5)
        let set = try ImageDataset(path: folder.path, split: "test")
        let text = try Self.text(path)
        let rows = ParsedCSV.rows(text)
        #expect(
            rows[0] == [
                "path", "label", "top1", "top2", "top3", "top4", "top5", "p1", "p2", "p3", "p4", "p5", "correct",
                "route", "macs",
            ])
        let expected = try Self.rows(of: set, session)
        #expect(expected.count == 2 * Self.names.count - 1)
        #expect(rows.count == expected.count + 1)
        for (row, wanted) in zip(rows.dropFirst(), expected) {
            // Scalars, since Swift takes texts for equal that are not the same bytes.
            #expect(row.map { Array($0.unicodeScalars) } == wanted.map { Array($0.unicodeScalars) }, "\(wanted[0])")
        }
        // Nothing stands before what looks like a formula.
        #expect(text.contains(",=1+1,"))
        struct Report: Decodable { let pictures: Int, skipped: Int, top1: Double }
        let report = try outcome.decoded(Report.self)
        #expect(report.pictures == expected.count && report.skipped == 1)
        #expect(Double(expected.count { $0[12] == "1" }) / Double(expected.count) == report.top1)
    }

    @Test func fewerThanFiveClassesLeaveCellsEmpty() async throws {
        let fixture = try TrainingFixture()
        let weights = fixture.path("weights.safetensors")
        try Weights.random(for: .load(fixture.architecture), seed: 1).write(
            to: weights, metadata: Self.said(TrainingFixture.classes))
        let path = try fixture.folder.file("old.csv", Array("old".utf8))
        let outcome = try await AIGProcess.run(
            "evaluate", "--weights", weights, "--data", fixture.data, "--limit", "4", "--policy", "mask:010",
            "--predictions", path, "--backend", "reference")
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        let rows = ParsedCSV.rows(try Self.text(path)).dropFirst()
        #expect(rows.count == 4)
        for row in rows {
            #expect(row.count == 15)
            #expect(
                Set(row[2...4]) == Set(TrainingFixture.classes) && row[5...6] == ["", ""] && row[10...11] == ["", ""])
            let probabilities = row[7...9].compactMap(Float.init)
            #expect(probabilities == probabilities.sorted(by: >) && abs(probabilities.reduce(0, +) - 1) < 1e-5)
            #expect(row[13] == "010")
        }
        #expect(Set(rows.map { $0[14] }).count == 1)
    }

    /// Before the work is done: the images would be said to be left out.
    @Test func filesThatCannotBeWrittenAreRefusedFirst() async throws {
        let folder = try Self.images()
        let fixture = try TrainingFixture(.archive)
        let weights = fixture.path("weights.safetensors")
        try Weights.random(for: .load(fixture.architecture, classes: 7), seed: 1).write(to: weights)
        let cases: [(data: String, path: String, fragment: String)] = [
            (folder.path, fixture.path("none/p.csv"), "there is no folder"), (folder.path, folder.path, "directory"),
            (folder.path, "", "--predictions"), (folder.path, weights, "same file as the weights"),
            (folder.path, "/dev/null", "not a regular file"), (fixture.data, fixture.data, "same file as the pictures"),
        ]
        for (data, path, fragment) in cases {
            let outcome = try await AIGProcess.run(
                "evaluate", "--weights", weights, "--data", data, "--predictions", path, "--backend", "reference")
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(path)")
            #expect(outcome.errors.contains(fragment), "'\(fragment)' is not in: \(outcome.errors)")
            #expect(outcome.errorCount == 1 && !outcome.errors.contains("Left out"))
        }
        #expect(try Weights(path: weights).architecture.classes == 7)
    }

    /// A file that cannot be finished is not there, what was there before still is, and what was found is said.
    @Test func fullDisksCostNothingElse() async throws {
        let fixture = try TrainingFixture()
        let weights = fixture.path("weights.safetensors")
        try Weights.random(for: .load(fixture.architecture), seed: 1).write(to: weights)
        try TrainingFixture.makeFolder(fixture.path("results"))
        let path = try fixture.folder.file("results/p.csv", Array("old".utf8))
        let aig = try #require(AIGProcess.path)
        // No file may grow beyond 512 bytes; the rows of 24 images take more.
        let outcome = try await AIGProcess.shell(
            "trap '' XFSZ; ulimit -f 1; exec '\(aig)' evaluate --weights '\(weights)' --data '\(fixture.data)' "
                + "--predictions '\(path)' --backend reference")
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("cannot be written"), "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("small on 24 pictures"))
        #expect(try Self.text(path) == "old")
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path("results")) == ["p.csv"])
    }

    /// The link stays, and what it leads to is replaced.
    @Test func linksAreFollowed() async throws {
        let fixture = try TrainingFixture()
        let weights = fixture.path("weights.safetensors")
        try Weights.random(for: .load(fixture.architecture), seed: 1).write(to: weights)
        let (target, link) = (try fixture.folder.file("target.csv", [1]), fixture.path("link.csv"))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        let outcome = try await AIGProcess.run(
            "evaluate", "--weights", weights, "--data", fixture.data, "--limit", "2", "--predictions", link,
            "--backend",
            "reference")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
        #expect(ParsedCSV.rows(try Self.text(target)).count == 3)
    }
}
