import Foundation
import OpenCL
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct ConvolutionTunerTests {
    private static func choice(_ channels: Int = 64) -> ConvolutionChoice {
        ConvolutionChoice(
            settings: FusedConvolutionSettings(
                ConvolutionSettings(
                    input: FeatureShape(channels: channels, height: 8, width: 8), outputChannels: 64, kernel: 3,
                    padding: 1)),
            images: 2)
    }

    private static func runtime(_ folder: TemporaryFolder) throws -> OpenCLRuntime {
        try OpenCLRuntime(
            device: TestBackend.openCL.runtime.device, cache: nil, tuning: TuningStore(folder: folder.path))
    }

    /// Not what any estimate would say.
    private static let odd = ConvolutionAlgorithm.direct(.init(rows: 1, pixels: 3, vectors: 1))

    @Test func whatWasTunedIsChosenByLaterProcesses() throws {
        let folder = try TemporaryFolder()
        let first = try Self.runtime(folder)
        #expect(try OpenCLBackend(first).algorithm(for: Self.choice().settings, images: 2) != Self.odd)
        first.tuning.add([Self.choice(): Self.odd])
        // What others add is kept beside it.
        try Self.runtime(folder).tuning.add([Self.choice(32): Self.odd])
        let later = try OpenCLBackend(Self.runtime(folder))
        for channels in [64, 32] {
            #expect(later.algorithm(for: Self.choice(channels).settings, images: 2) == Self.odd)
        }
        // Winograd's larger weights are not for those who want to save memory.
        first.tuning.add([
            Self.choice(16): .winograd(
                .init(outputTile: 2, itemTiles: 4, itemImages: 1, registerTiles: 4, vectors: 1, shares: 1))
        ])
        let frugal = try OpenCLBackend(first, goal: .memory)
        #expect(frugal.algorithm(for: Self.choice().settings, images: 2) == Self.odd)
        guard case .direct = frugal.algorithm(for: Self.choice(16).settings, images: 2) else {
            Issue.record("memory was spent on Winograd")
            return
        }
        // For another number of images nothing was measured.
        #expect(later.algorithm(for: Self.choice().settings, images: 1) != Self.odd)
    }

    @Test func aDamagedFileIsNoFile() throws {
        let folder = try TemporaryFolder()
        let runtime = try Self.runtime(folder)
        runtime.tuning.add([Self.choice(): Self.odd])
        let path = TuningStore(folder: folder.path).path(runtime.device, runtime.traits)
        var contents = try Data(contentsOf: URL(fileURLWithPath: path))
        contents[contents.count / 2] ^= 1
        try contents.write(to: URL(fileURLWithPath: path))
        let later = try OpenCLBackend(Self.runtime(folder))
        #expect(later.algorithm(for: Self.choice().settings, images: 2) != Self.odd)
    }

    @Test func whatDoesNotFitTheDeviceIsLeftOut() throws {
        let folder = try TemporaryFolder()
        let runtime = try Self.runtime(folder)
        // 64 channels are not made of vectors by the thousand, and no 3 x 3 tile is in the literature's F(3x3).
        runtime.tuning.add([
            Self.choice(): .direct(.init(rows: 1, pixels: 3, vectors: 1000)),
            Self.choice(32): .winograd(
                .init(outputTile: 3, itemTiles: 1, itemImages: 1, registerTiles: 1, vectors: 1, shares: 1)),
        ])
        let later = try Self.runtime(folder)
        for channels in [64, 32] { #expect(later.tuning[Self.choice(channels)] == nil) }
    }

    @Test func tuningKeepsTheFastestOfEachConvolution() throws {
        let folder = try TemporaryFolder()
        let runtime = try Self.runtime(folder)
        let architecture = try Architecture.load(Fixtures.path("aig-bottleneck-mini.json"), classes: nil)
        var reported: [ConvolutionTuningResult] = []
        let results = try ConvolutionTuner(runtime, rounds: 3).tune(architecture, images: 2) { result, share in
            reported.append(result)
            #expect(share > 0 && share <= 1)
        }
        #expect(results == reported)
        let problems = NetworkPlan(architecture).operators.compactMap { settings -> FusedConvolutionSettings? in
            if case .convolution(let convolution) = settings { convolution } else { nil }
        }
        #expect(Set(results.map(\.settings)) == Set(problems))
        #expect(results.allSatisfy { $0.leftOut.isEmpty && $0.notKept == nil })
        #expect(results.map(\.occurrences).reduce(0, +) == problems.count)
        for result in results {
            let best = try #require(result.candidates.first)
            #expect(result.candidates.allSatisfy { $0.seconds >= best.seconds })
            let kept = try #require(
                try Self.runtime(folder).tuning[ConvolutionChoice(settings: result.settings, images: 2)])
            #expect(kept.description == best.name)
        }
        // A session takes what was kept, and computes the same.
        let weights = Weights.random(for: architecture, seed: 1)
        let tuned = try Session(weights: weights, backend: .openCL(runtime), batch: 2)
        let plain = try Session(weights: weights, backend: .reference, batch: 2)
        let shape = architecture.input
        let count = 2 * shape.channels * shape.height * shape.width
        let input = try Tensor(
            shape: [2, shape.channels, shape.height, shape.width],
            values: OperatorParityTests.values(count, seed: 4))
        OperatorParityTests.expectClose(
            try tuned.run(input, policy: .always).logits.values,
            try plain.run(input, policy: .always).logits.values)
    }
}
