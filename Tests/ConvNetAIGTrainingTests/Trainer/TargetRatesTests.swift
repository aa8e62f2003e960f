import ConvNetAIG
import Testing

@testable import ConvNetAIGTraining

@Suite struct TargetRatesTests {
    @Test(
        arguments: [
            ("0.6", .all(0.6)), ("1", .all(1)), ("1,0.8,0.5", .perBlock([1, 0.8, 0.5])), ("0.3,", .perBlock([0.3])),
            ("paper:0.5", .paper(0.5)),
        ] as [(String, TargetRates)])
    func text(_ text: String, _ rates: TargetRates) throws {
        #expect(try TargetRates(parsing: text) == rates)
        #expect(try TargetRates(parsing: rates.description) == rates)
    }

    @Test(arguments: ["", "x", "0.5,,0.5", ",", "paper", "paper:", "paper:x", "other:0.5", "0.5;0.6", "0.5,0.6,"])
    func noRates(_ text: String) {
        #expect(throws: TargetRatesError.unreadable(text)) { try TargetRates(parsing: text) }
        #expect(TargetRates(text) == nil)
    }

    @Test(arguments: [("1.5", 1.5), ("-0.1", -0.1), ("0.5,2", 2), ("paper:7", 7)] as [(String, Float)])
    func noShares(_ text: String, _ rate: Float) {
        #expect(throws: TargetRatesError.outOfRange(rate)) { try TargetRates(parsing: text) }
    }

    @Test(arguments: ["resnet-50", "convnet-aig-50"])
    func paperSchedule(_ name: String) throws {
        let architecture = try Architecture(named: name, classes: 12)
        let (adaptive, rates) = try TargetRates.paper(0.5).resolved(for: architecture)
        #expect(adaptive.ungatedBlocks == [0, 1, 3, 7, 13, 15])
        #expect(adaptive.gatedBlocks.count == rates.count)
        #expect(rates == [0.8, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.7])
        #expect(adaptive.gateHidden == 16 && adaptive.classes == 12 && adaptive.name == "convnet-aig-50")
        // Resolved already, it stays as it is.
        let again = try TargetRates.paper(0.5).resolved(for: adaptive)
        #expect(again.architecture == adaptive && again.rates == rates)
    }

    @Test func paperScheduleOf101() throws {
        let (adaptive, rates) = try TargetRates.paper(0.3).resolved(for: Architecture(named: "convnet-aig-101"))
        #expect(adaptive.ungatedBlocks == Array(0..<8))
        #expect(rates == [Float](repeating: 0.3, count: 25))
    }

    // MARK: Usual rates

    /// Every preset has rates for every network that there is by name, and for some that there are not.
    @Test(
        arguments: Architecture.knownNames.filter { $0.hasPrefix("convnet-aig") }, TrainingConfiguration.Preset.allCases
    )
    func everyPresetFitsEveryName(_ name: String, _ preset: TrainingConfiguration.Preset) throws {
        let architecture = try Architecture(named: name)
        let rates = try #require(TrainingConfiguration(preset, for: architecture).targetRates)
        let resolved = try rates.resolved(for: architecture)
        #expect(!resolved.rates.isEmpty)
        // As is found in the checkpoint of a run that is resumed.
        #expect(try rates.resolved(for: resolved.architecture).rates == resolved.rates)
        #expect(TrainingConfiguration(preset, for: architecture.plain).targetRates == nil)
        #expect(TrainingConfiguration(preset, for: architecture, epochs: 3).epochs == 3)
    }

    @Test func usualRatesWhereThePaperHasNone() throws {
        let usual = TargetRates.recommended(for: try Architecture(named: "convnet-aig-18"))
        #expect(usual == .perBlock([1, 0.6, 1, 0.6, 1, 0.6, 1, 1]))
        let (adaptive, rates) = try TargetRates.recommended(for: Architecture(named: "convnet-aig-34")).resolved(
            for: Architecture(named: "convnet-aig-34"))
        #expect(adaptive.ungatedBlocks == [0, 3, 7, 13, 15])
        #expect(rates == [Float](repeating: 0.6, count: 11))
        #expect(TargetRates.recommended(for: try Architecture(named: "convnet-aig-50")) == .paper(0.5))
        #expect(TargetRates.recommended(for: try Architecture(named: "convnet-aig-101", classes: 3)) == .paper(0.5))
        // Nothing else changes about a preset.
        var expected = TrainingConfiguration(.imageNetPaper)
        expected.targetRates = usual
        #expect(TrainingConfiguration(.imageNetPaper, for: try Architecture(named: "convnet-aig-18")) == expected)
    }

    /// Blocks that have no gate keep none; and where no block would have one, all do.
    @Test func usualRatesOfNetworksOfOnesOwn() throws {
        let some = try Architecture(named: "convnet-aig-50").adaptive(hidden: 4, ungatedBlocks: [2, 9])
        let (same, rates) = try TargetRates.recommended(for: some).resolved(for: some)
        #expect(same.ungatedBlocks == [0, 1, 2, 3, 7, 9, 13, 15] && same.gateHidden == 4)
        #expect(rates == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.7])
        let short = try Architecture(named: "convnet-aig-cifar-8")
        #expect(TargetRates.recommended(for: short) == .all(0.6))
        let other = try short.adaptive(hidden: 4, ungatedBlocks: [0])
        #expect(try TargetRates.recommended(for: other).resolved(for: other).rates == [0.6, 0.6])
        let single = try Architecture(
            name: "single", input: .init(height: 96, width: 96), stem: .init(channels: 8, kernel: 3),
            stages: [.init(width: 8, blocks: 4)], blockKind: .bottleneck, gateHidden: 4, ungatedBlocks: [1], classes: 2)
        #expect(try TargetRates.recommended(for: single).resolved(for: single).architecture.ungatedBlocks == [0, 1, 3])
    }

    @Test func oneForAll() throws {
        let all = try Architecture(named: "convnet-aig-cifar-20")
        let (same, rates) = try TargetRates.all(0.7).resolved(for: all)
        #expect(same == all)
        #expect(rates == [Float](repeating: 0.7, count: 9))
        let some = try all.adaptive(hidden: 4, ungatedBlocks: [0, 8])
        let resolved = try TargetRates.all(0.7).resolved(for: some)
        #expect(resolved.architecture == some && resolved.rates.count == 7)
    }

    @Test func onePerBlock() throws {
        let plain = try Architecture(named: "resnet-cifar-8")
        let resolved = try TargetRates.perBlock([1, 0.25, 0.5]).resolved(for: plain)
        #expect(resolved.architecture.ungatedBlocks == [0])
        #expect(resolved.rates == [0.25, 0.5])
        // Of a network with two gates, two will do.
        let again = try TargetRates.perBlock([0.25, 1]).resolved(for: resolved.architecture)
        #expect(again.architecture.ungatedBlocks == [0, 2])
        #expect(again.rates == [0.25])
    }

    @Test func whatDoesNotFit() throws {
        let architecture = try Architecture(named: "resnet-cifar-8")
        #expect(throws: TargetRatesError.noSchedule(architecture: "resnet-cifar-8")) {
            try TargetRates.paper(0.5).resolved(for: architecture)
        }
        #expect(throws: TargetRatesError.wrongCount(found: 2, blocks: 3, gatedBlocks: 0)) {
            try TargetRates.perBlock([1, 0.5]).resolved(for: architecture)
        }
        #expect(throws: TargetRatesError.allBlocksAlwaysRun) { try TargetRates.all(1).resolved(for: architecture) }
        #expect(throws: TargetRatesError.outOfRange(2)) { try TargetRates.all(2).resolved(for: architecture) }
        let some = try architecture.adaptive(ungatedBlocks: [1])
        #expect(throws: TargetRatesError.noGate(block: 1, rate: 0.4)) {
            try TargetRates.perBlock([0.5, 0.4, 0.5]).resolved(for: some)
        }
    }
}
