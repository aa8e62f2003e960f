import ConvNetAIG
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)), .enabled(if: Fixtures.hasOpenCL)) struct ProfileTests {
    private struct Report: Decodable {
        struct Section: Decodable {
            struct Operator: Decodable {
                struct Command: Decodable {
                    let name: String
                    let isKernel: Bool
                }
                let title: String
                let commands: [Command]
            }
            let name: String
            let decidedBy: String?
            let images: Int
            let launches: Int
            let kernelSeconds: Double
            let gapSeconds: Double
            let macs: Int
            let share: Double
            let operators: [Operator]?
        }
        struct WallTimes: Decodable {
            let median: Double
            let min: Double
            let max: Double
            let repeats: Int
        }
        let architecture: String
        let batch: Int
        let schedule: String
        let wallSeconds: WallTimes
        let launches: Int
        let kernelSeconds: Double
        let transferSeconds: Double
        let gapSeconds: Double
        let outsideSeconds: Double
        let hostWaitSeconds: Double
        let hostCallSeconds: Double
        let hostOtherSeconds: Double
        let macs: Int
        let denseMacs: Int
        let gflops: Double
        let sections: [Section]
    }

    @Test(arguments: ["host", "device"])
    func jsonAddsUp(_ schedule: String) async throws {
        let outcome = try await AIGProcess.run(
            "profile", "convnet-aig-cifar-8", "--policy", "mask:101", "--schedule", schedule, "--batch", "2",
            "--repeats", "3", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.isEmpty)
        let report = try outcome.decoded(Report.self)
        let cost = try Architecture(named: "convnet-aig-cifar-8").cost
        #expect(report.architecture == "convnet-aig-cifar-8")
        #expect(report.batch == 2 && report.schedule == schedule && report.wallSeconds.repeats == 3)
        let wall = report.wallSeconds
        #expect(wall.min <= wall.median && wall.median <= wall.max)
        #expect(report.macs == 2 * cost.executedMACs(open: [true, false, true], gatesEvaluated: false))
        #expect(report.denseMacs == 2 * cost.macs)
        #expect(
            report.sections.map(\.name) == ["input", "stem"] + cost.blocks.map(\.name) + ["classifier", "output"])
        #expect(report.sections.map(\.images) == [2, 2, 2, 0, 2, 2, 2])
        #expect(report.sections.compactMap(\.decidedBy) == [schedule, schedule, schedule])
        #expect(report.sections.reduce(0) { $0 + $1.launches } == report.launches)
        #expect(report.sections.allSatisfy { $0.operators == nil })
        let device = report.kernelSeconds + report.transferSeconds + report.gapSeconds + report.outsideSeconds
        let host = report.hostWaitSeconds + report.hostCallSeconds + report.hostOtherSeconds
        #expect(abs(device - wall.median) < 1e-6)
        #expect(abs(host - wall.median) < 1e-6)
        #expect(abs(report.gflops - 2e-9 * Double(report.macs) / report.kernelSeconds) < 1e-6 * report.gflops)
    }

    @Test func kernelsAreListedOnRequest() async throws {
        let arguments = ["profile", "convnet-aig-cifar-8", "--policy", "always", "--repeats", "1", "--kernels"]
        let outcome = try await AIGProcess.run(arguments + ["--json"])
        let report = try outcome.decoded(Report.self)
        let commands = report.sections.flatMap { $0.operators ?? [] }.flatMap(\.commands)
        #expect(commands.count { $0.isKernel } == report.launches)
        #expect(commands.contains { $0.name == "convolution" })
        let table = try await AIGProcess.run(arguments)
        #expect(table.status == 0, "\(table.errors)")
        #expect(table.output.contains("3x3 convolution, 16 to 16 channels, 32 x 32"))
        #expect(table.output.contains("2 operations per multiply-accumulate"))
        #expect(!table.output.contains("\u{1B}"))
    }

    @Test func traceIsWritten() async throws {
        let fixture = try NetworkFixture()
        let path = fixture.folder.file("trace.json")
        let outcome = try await AIGProcess.run(
            "profile", "convnet-aig-cifar-8", "--weights", fixture.weights, "--repeats", "1", "--trace", path,
            "--json", Fixtures.path("samples/chelsea.png"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try outcome.decoded(Report.self)
        let contents = try Data(contentsOf: URL(fileURLWithPath: path))
        let trace = try #require(try JSONSerialization.jsonObject(with: contents) as? [String: Any])
        let events = try #require(trace["traceEvents"] as? [[String: Any]])
        #expect(events.count { $0["cat"] as? String == "kernel" } == report.launches)
    }

    @Test func mistakes() async throws {
        let cases: [(arguments: [String], status: Int32, fragment: String)] = [
            ([], 64, "architecture"),
            (["convnet-aig-51"], 1, "convnet-aig-50"),
            (["resnet-cifar-8", "--backend", "reference"], 64, "reference"),
            (["resnet-cifar-8", "--repeats", "0"], 64, "--repeats"),
            (["resnet-cifar-8", "--batch", "1", "a.png", "b.png"], 64, "2 pictures"),
            (["convnet-aig-cifar-8", "--policy", "mask:01"], 64, "3"),
            (["resnet-cifar-8", "nowhere.png"], 1, "nowhere.png"),
            (["resnet-cifar-8", "--trace", "/nowhere/trace.json"], 1, "/nowhere"),
            (["resnet-cifar-8", "--trace", ""], 1, "--trace"),
        ]
        for (arguments, status, fragment) in cases {
            let outcome = try await AIGProcess.run(["profile"] + arguments)
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(fragment), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }
    }
}
