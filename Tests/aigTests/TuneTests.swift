import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct TuneTests {
    private struct Report: Decodable {
        struct Convolution: Decodable {
            struct Candidate: Decodable {
                let algorithm: String
                let milliseconds: Double
                let isDefault: Bool
            }
            let occurrences: Int
            let macs: Int
            let candidates: [Candidate]
            let leftOut: [LeftOut]
        }
        struct LeftOut: Decodable {
            let algorithm: String
            let reason: String
        }
        let architecture: String
        let convolutions: [Convolution]
        let tunedMilliseconds: Double
        let defaultMilliseconds: Double
        let notKept: String?
    }

    @Test func everyConvolutionHasAWinnerThatIsKept() async throws {
        let folder = try TemporaryFolder()
        let environment = ["AIG_CACHE": folder.path]
        let network = Fixtures.path("aig-bottleneck-mini.json")
        let outcome = try await AIGProcess.run("tune", network, "--json", environment: environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try outcome.decoded(Report.self)
        #expect(!report.convolutions.isEmpty)
        for convolution in report.convolutions {
            #expect(convolution.candidates.count >= 2)
            #expect(convolution.candidates.count { $0.isDefault } == 1)
            #expect(convolution.leftOut.isEmpty)
            let times = convolution.candidates.map(\.milliseconds)
            #expect(times == times.sorted() && times.allSatisfy { $0 > 0 })
        }
        #expect(report.tunedMilliseconds <= report.defaultMilliseconds)
        #expect(report.notKept == nil)
        #expect(try !FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func whatIsKeptIsSaidToBe() async throws {
        let folder = try TemporaryFolder()
        let outcome = try await AIGProcess.run("tune", Self.network, environment: ["AIG_CACHE": folder.file("new")])
        #expect(outcome.status == 0 && outcome.output.contains("kept") && !outcome.output.contains("not kept"))
        #expect(try folder.contents == ["new"])
    }

    @Test(arguments: ["off", "/file/cache", "/file", "/proc"])
    func whatIsNotKeptIsNotSaidToBe(_ cache: String) async throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("file", [1])
        let path = cache.hasPrefix("/file") ? folder.path + cache : cache
        let text = try await AIGProcess.run("tune", Self.network, environment: ["AIG_CACHE": path])
        #expect(text.status == 0)
        #expect(text.output.contains("The results are not kept, as ") && text.output.contains("fastest"))
        #expect(text.output.replacing("not kept", with: "").contains("kept") == false)
        let json = try await AIGProcess.run("tune", Self.network, "--json", environment: ["AIG_CACHE": path])
        let reason = try #require(try json.decoded(Report.self).notKept)
        #expect(reason.contains("AIG_CACHE") && (cache == "off" || reason.contains(path)))
        #expect(try folder.contents == ["file"])
    }

    @Test func withoutAHomeThereIsNowhereToKeepIt() async throws {
        let outcome = try await AIGProcess.shell(
            "env -u AIG_CACHE -u XDG_CACHE_HOME -u HOME \"$AIG\" tune '\(Self.network)'")
        #expect(outcome.status == 0 && outcome.output.contains("The results are not kept"))
    }

    private static let network = Fixtures.path("tiny.json")

    @Test func nonsenseIsRefused() async throws {
        #expect(try await AIGProcess.run("tune", "resnet-50", "--batch", "0").status == 64)
        #expect(try await AIGProcess.run("tune", "resnet-51").status == 1)
    }
}
