import Foundation
import OpenCL
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators
@testable import aig

@Suite(.enabled(if: Fixtures.hasOpenCL)) struct TuningReportTests {
    private static let settings = FusedConvolutionSettings(
        ConvolutionSettings(
            input: FeatureShape(channels: 16, height: 32, width: 32), outputChannels: 16, kernel: 3, padding: 1))

    private func report(notKept: TuningStoreError?) throws -> TuningReport {
        let result = ConvolutionTuningResult(
            settings: Self.settings, occurrences: 3, images: 2,
            candidates: [
                .init(name: "first", seconds: 0.002, isStandard: false),
                .init(name: "second", seconds: 0.004, isStandard: false),
            ],
            leftOut: [
                .init(name: "crash", isStandard: true, reason: .failed("clBuildProgram failed.\nBuild log:\nmore")),
                .init(name: "wrong", isStandard: false, reason: .wrong(deviation: 0.25)),
            ],
            notKept: notKept)
        let architecture = try Architecture.load("convnet-aig-cifar-8", classes: nil)
        return TuningReport(architecture, device: try #require(try Device.all().first), images: 2, [result])
    }

    @Test func whatIsLeftOutIsNamedWithTheReason() throws {
        let lines = try report(notKept: nil).lines(all: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("Left out") })
        let title = "  3 x 3, 16 x 32 x 32 to 16: "
        #expect(
            lines[(start + 1)...] == [
                title + "crash (default): clBuildProgram failed.",
                title + "wrong: its output is off by 2.5e-01 of the largest value; 1.0e-04 is allowed",
            ])
        #expect(lines.contains { $0.contains("first") && $0.hasSuffix("kept") })
        #expect(!lines.contains { $0.contains("second") || $0.contains("not kept") })
        // The default has no time.
        #expect(lines.contains { $0.contains("6.000 ms, without tuning 6.000 ms") && $0.contains("do not work") })
    }

    @Test func whatIsNotKeptIsNotSaidToBe() throws {
        let failure = TuningStoreError.notWritten(path: "/caches", reason: "No space left on device")
        let lines = try report(notKept: failure).lines(all: true)
        #expect(lines.last == "The results are not kept, as \(failure).")
        #expect(lines.contains { $0.contains("first") && $0.hasSuffix("fastest") })
        #expect(!lines.contains { $0.hasSuffix("kept") })
    }

    @Test func jsonHasTheSame() throws {
        for notKept in [nil, TuningStoreError.noFolder] {
            let text = try JSONText.line(try report(notKept: notKept))
            #expect(
                text.contains(#""left_out":[{"algorithm":"crash","is_default":true,"reason":"clBuildProgram failed.\n"#)
            )
            #expect(text.contains(#""not_kept":"#) == (notKept != nil))
        }
    }
}
