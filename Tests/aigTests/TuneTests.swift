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
        }
        let architecture: String
        let convolutions: [Convolution]
        let tunedMilliseconds: Double
        let defaultMilliseconds: Double
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
            let times = convolution.candidates.map(\.milliseconds)
            #expect(times == times.sorted() && times.allSatisfy { $0 > 0 })
        }
        #expect(report.tunedMilliseconds <= report.defaultMilliseconds)
        #expect(try !FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func nonsenseIsRefused() async throws {
        #expect(try await AIGProcess.run("tune", "resnet-50", "--batch", "0").status == 64)
        #expect(try await AIGProcess.run("tune", "resnet-51").status == 1)
    }
}
