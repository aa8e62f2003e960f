import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGStudies
import Foundation
import TestSupport
import Testing

/// `aig calibrate`, `aig attack` and `aig report`.
@Suite(.serialized, .timeLimit(.minutes(10))) struct StudyCommandTests {
    /// Images, a network with gates and one without.
    private func fixture() throws -> (TrainingFixture, adaptive: String, plain: String) {
        let fixture = try TrainingFixture()
        let (adaptive, plain) = (fixture.path("adaptive.safetensors"), fixture.path("plain.safetensors"))
        // So that nothing has to be guessed.
        let said = [
            "mean": "0.5,0.5,0.5", "std": "0.25,0.25,0.25", "note": "kept",
            "classes": String(decoding: try JSONEncoder().encode(TrainingFixture.classes), as: UTF8.self),
        ]
        try Weights.random(for: .load(fixture.architecture, classes: 3), seed: 2).write(to: adaptive, metadata: said)
        try Weights.random(for: .load(fixture.plainArchitecture, classes: 3), seed: 2).write(to: plain, metadata: said)
        return (fixture, adaptive, plain)
    }

    @Test func calibratedWeightsTakeABudget() async throws {
        let (fixture, adaptive, _) = try fixture()
        let refused = try await AIGProcess.run(
            "evaluate", "--weights", adaptive, "--data", fixture.data, "--budget", "0.9", "--backend", "reference")
        #expect(refused.status == 1 && refused.errors.contains("aig calibrate"), "\(refused.errors)")

        let outcome = try await AIGProcess.run(
            "calibrate", "--weights", adaptive, "--data", fixture.data, "--backend", "reference")
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("Accuracy on 60 pictures at shares of the dense network's MACs:\n"))
        #expect(outcome.output.contains("100.0 %"))
        let calibration = try #require(try Weights(path: adaptive).calibration)
        #expect(calibration.images == 60)

        let middle = (calibration.positions[0].share + 1) / 2
        struct Report: Decodable {
            let policy: String
            let macShare: Double
        }
        for budget in [middle, 1] {
            let evaluated = try await AIGProcess.run(
                "evaluate", "--weights", adaptive, "--data", fixture.data, "--budget", "\(budget)", "--json",
                "--backend", "reference")
            let report = try evaluated.decoded(Report.self)
            #expect(report.policy == "budget:\(budget)")
            // Images few and not those of the calibration.
            #expect(abs(report.macShare - budget) < 0.15)
        }
        let both = try await AIGProcess.run(
            "evaluate", "--weights", adaptive, "--data", fixture.data, "--budget", "1", "--policy", "argmax")
        #expect(both.status == 64 && both.errors.contains("--policy"))
    }

    @Test func calibrationIsRefusedBeforeTheWork() async throws {
        let (fixture, adaptive, plain) = try fixture()
        let noGates = try await AIGProcess.run(
            "calibrate", "--weights", plain, "--data", fixture.data, "--backend", "reference")
        #expect(noGates.status == 1 && noGates.errors.contains("no gates"))
        #expect(try SafetensorsFile(path: plain).metadata["note"] == "kept")
        let embedded = try await AIGProcess.run("calibrate", "--data", fixture.data)
        #expect(embedded.status == 64 && embedded.errors.contains("--output"))
        let nowhere = try await AIGProcess.run(
            "calibrate", "--weights", adaptive, "--data", fixture.data, "--output", fixture.path("none/w.safetensors"))
        #expect(nowhere.status == 1 && nowhere.errors.contains("no folder"))
    }

    @Test(arguments: Fixtures.backends)
    func attackShowsBothNetworks(_ backend: String) async throws {
        let (fixture, adaptive, plain) = try fixture()
        let arguments = [
            "attack", "--weights", adaptive, "--against", plain, "--data", fixture.data, "--epsilons", "2,8",
            "--jpeg-quality", "50", "--backend", backend,
        ]
        let outcome = try await AIGProcess.run(arguments)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("FGSM on 24 pictures, epsilons in units of 1/255\n"))
        #expect(outcome.output.contains("JPEG 50") && outcome.output.contains("decisions changed"))
        let figures = try JSONDecoder.snakeCase.decode(
            RobustnessFigures.self, from: Data(try await AIGProcess.run(arguments + ["--json"]).output.utf8))
        #expect(figures.rows.map(\.epsilon) == [0, 0, 2, 2, 8, 8, 0, 0, 2, 2, 8, 8])
        #expect(figures.images == 24)
    }

    @Test(arguments: [
        (["--epsilons", "0"], "above 0"), (["--epsilons", "two"], "number"), (["--steps", "0"], "1 or more"),
        (["--step-size", "2"], "share"), (["--jpeg-quality", "101"], "1 to 100"), (["--limit", "0"], "1 or more"),
    ])
    func badAttackOptionsAreUsageErrors(_ options: [String], _ text: String) async throws {
        let outcome = try await AIGProcess.run(["attack", "--data", "nowhere"] + options)
        #expect(outcome.status == 64 && outcome.errors.contains(text), "\(outcome.errors)")
    }

    @Test func reportIsAPageWithItsNumbers() async throws {
        let (fixture, adaptive, plain) = try fixture()
        let out = fixture.path("new/report")
        let outcome = try await AIGProcess.run(
            "report", "--weights", adaptive, "--against", plain, "--data", fixture.data, "--out", out, "--epsilons",
            "4",
            "--timed", "3", "--backend", "reference")
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(outcome.output.hasSuffix("report.html\n"))
        let figures = try JSONDecoder().decode(
            ReportFigures.self, from: Data(contentsOf: URL(fileURLWithPath: out + "/report.json")))
        #expect(figures.data.images == 24 && figures.contenders.count == 2)
        #expect(figures.claims.allSatisfy { outcome.output.contains($0.text) })
        let page = try String(contentsOfFile: out + "/report.html", encoding: .utf8)
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("</html>"))
        for name in ReportTables(figures).files.keys {
            #expect(FileManager.default.fileExists(atPath: out + "/" + name))
        }
        let blocked = try fixture.folder.file("file", [1])
        let refused = try await AIGProcess.run(
            "report", "--weights", adaptive, "--data", fixture.data, "--out", blocked, "--backend", "reference")
        #expect(refused.status == 1 && refused.errors.contains("cannot be made"), "\(refused.errors)")
    }
}

extension JSONDecoder {
    fileprivate static var snakeCase: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }
}
