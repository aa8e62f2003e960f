import OpenCL
import Synchronization
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Candidates that do not work on a device are left out, and the others tuned.
@Suite struct ConvolutionTunerFailureTests {
    private static let settings = FusedConvolutionSettings(
        ConvolutionSettings(
            input: FeatureShape(channels: 16, height: 6, width: 6), outputChannels: 32, kernel: 3, padding: 1),
        activation: .relu, addsToOutput: true, sumsRows: true)
    private static let images = 2
    private static let choice = ConvolutionChoice(settings: settings, images: images)
    private static let plain = ConvolutionAlgorithm.direct(.init(rows: 1, pixels: 1, vectors: 1))

    private let folder: TemporaryFolder
    private let runtime: OpenCLRuntime

    init() throws {
        folder = try TemporaryFolder()
        runtime = try OpenCLRuntime(
            device: TestBackend.device.get(), cache: nil, tuning: TuningStore(folder: folder.path))
    }

    private var candidates: [ConvolutionAlgorithm] {
        ConvolutionAlgorithm.candidates(Self.settings, runtime.traits, images: Self.images)
    }

    @Test func aCandidateThatFailsOrIsWrongIsLeftOut() throws {
        // The standard algorithm, which is the first, among them.
        let faults: [BrokenConvolution.Fault] = [.wrongWeight, .doesNotBuild, .doesNotRun, .runsOnce, .notANumber]
        let others = candidates.filter { $0 != Self.plain }
        try #require(others.count > faults.count)
        let broken = Dictionary(uniqueKeysWithValues: zip(others, faults))
        var tuner = ConvolutionTuner(runtime, rounds: 2)
        tuner.describe = { algorithm, settings, traits in
            let base = algorithm.descriptor(settings, traits)
            return broken[algorithm].map { BrokenConvolution(base: base, fault: $0) } ?? base
        }
        let result = try tuner.tune(Self.settings, occurrences: 1, images: Self.images)

        #expect(Set(result.leftOut.map(\.name)) == Set(broken.keys.map(\.description)))
        #expect(result.candidates.count == candidates.count - faults.count)
        #expect(Set(result.candidates.map(\.name)).isDisjoint(with: broken.keys.map(\.description)))
        for (algorithm, fault) in broken {
            let left = try #require(result.leftOut.first { $0.name == algorithm.description })
            #expect(left.isStandard == (algorithm == candidates.first))
            switch (fault, left.reason) {
            case (.wrongWeight, .wrong(let deviation)):
                #expect(deviation > ConvolutionTuner.tolerance && deviation.isFinite)
                #expect(left.reason.description.contains("1.0e-04 is allowed"))
            case (.notANumber, .wrong(let deviation)):
                #expect(deviation == .infinity && left.reason.description.contains("not finite"))
            case (.doesNotBuild, .failed(let reason)):
                #expect(reason.contains("CL_BUILD_PROGRAM_FAILURE"))
            case (.doesNotRun, .failed(let reason)), (.runsOnce, .failed(let reason)):
                #expect(reason.contains("CL_OUT_OF_RESOURCES"))
            default: Issue.record("\(fault) was left out as \(left.reason)")
            }
        }
        #expect(result.standardSeconds == nil)
        #expect(try #require(result.bestSeconds) > 0)
        #expect(result.notKept == nil)
        let kept = try #require(runtime.tuning[Self.choice])
        #expect(broken[kept] == nil && kept.description == result.candidates.first?.name)
    }

    /// The device as a whole does not work: no result, and nothing is kept.
    @Test func whereEveryCandidateFailsTuningDoes() throws {
        var tuner = ConvolutionTuner(runtime, rounds: 1)
        tuner.describe = { BrokenConvolution(base: $0.descriptor($1, $2), fault: .doesNotRun) }
        let error = #expect(throws: ConvolutionTuningError.self) {
            try tuner.tune(Self.settings, occurrences: 1, images: Self.images)
        }
        let text = try #require(error).description
        #expect(text.contains("3 x 3 convolution of 16 x 6 x 6 to 32 x 6 x 6"))
        #expect(text.contains(runtime.device.name))
        // The same reason for all of them.
        #expect(text.split(separator: "\n").count { $0.contains("CL_OUT_OF_RESOURCES") } == 1)
        #expect(runtime.tuning[Self.choice] == nil)
        #expect(try folder.contents.isEmpty)
    }

    /// Only what the candidates are held against works.
    @Test func whereEveryCandidateIsWrongTuningFails() throws {
        let isFirst = Mutex(true)
        var tuner = ConvolutionTuner(runtime, rounds: 1)
        tuner.describe = { algorithm, settings, traits in
            let base = algorithm.descriptor(settings, traits)
            let wasFirst = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            return wasFirst ? base : BrokenConvolution(base: base, fault: .doesNothing)
        }
        let error = #expect(throws: ConvolutionTuningError.self) {
            try tuner.tune(Self.settings, occurrences: 1, images: Self.images)
        }
        guard case .nothingWorks(let settings, _, let leftOut) = try #require(error) else { return }
        #expect(settings == Self.settings)
        #expect(leftOut.map(\.name) == candidates.map(\.description))
        #expect(leftOut.count { $0.isStandard } == 1)
        #expect(try folder.contents.isEmpty)
    }

    /// A plain form of direct convolution that fails is no reason to give up: another is held against.
    @Test func anotherFormOfDirectConvolutionStandsIn() throws {
        var tuner = ConvolutionTuner(runtime, rounds: 1)
        let plain = Self.plain
        tuner.describe = { algorithm, settings, traits in
            let base = algorithm.descriptor(settings, traits)
            return algorithm == plain ? BrokenConvolution(base: base, fault: .notANumber) : base
        }
        let result = try tuner.tune(Self.settings, occurrences: 1, images: Self.images)
        #expect(result.leftOut.allSatisfy { $0.name == plain.description })
        #expect(result.candidates.count == candidates.filter { $0 != plain }.count)
    }
}
