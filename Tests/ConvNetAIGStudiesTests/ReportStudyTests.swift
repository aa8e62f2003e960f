import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGStudies

@Suite struct ReportStudyTests {
    private static let set = SyntheticImages(60)

    private static func study(_ weights: Weights, against plain: Weights?) throws -> ReportStudy {
        try ReportStudy(
            of: .init(weights), against: plain.map { .init($0, name: "plain") }, backend: .reference,
            settings: ReportSettings(
                batch: 16, curveImages: 30, timedImages: 5, examples: 2,
                robustness: RobustnessSettings(epsilons: [8], jpegQuality: 75), attackedImages: 12))
    }

    @Test func figuresBelongTogether() throws {
        let weights = try BudgetTests.weights()
        let session = try BudgetTests.session(weights)
        let images = try CalibrationImages(Self.set, for: session)
        let calibrated = try Weights(
            architecture: weights.architecture, tensors: weights.tensors(),
            metadata: [
                BudgetCalibration.metadataKey: BudgetCurves(of: session, on: images).calibration.json()
            ])
        let plain = Weights.random(
            for: try Architecture(
                name: "plain", input: weights.architecture.input, stem: weights.architecture.stem,
                stages: weights.architecture.stages, blockKind: .basic, classes: 3), seed: 4)
        var stages: [String] = []
        let figures = try Self.study(calibrated, against: plain).figures(on: Self.set) { stages.append($0.stage) }
        #expect(stages.first == "classifying" && stages.contains("attacking plain"))

        #expect(figures.data.images == 60 && figures.data.imagesByClass == [20, 20, 20])
        #expect(figures.model.blocks.map(\.isGated) == [true, true, true, false, true])
        #expect(figures.model.blocks.map(\.stage) == [1, 1, 1, 2, 2])
        #expect(figures.contenders.map(\.name) == ["small", "plain"])
        #expect(figures.contenders.allSatisfy { ($0.latency ?? 0) > 0 })
        #expect(figures.contenders[1].meanMACs == Double(plain.architecture.cost.macs))
        #expect(figures.contenders[0].top1 == (try RouteStudy(of: session, on: Self.set)).top1)
        #expect(figures.examples.count == 3)
        for examples in figures.examples {
            #expect(examples.easiest.count == 2 && examples.hardest.count == 2)
            #expect((examples.easiest.last?.probability ?? 0) >= (examples.hardest.last?.probability ?? 1))
            #expect(examples.easiest[0].image.hasPrefix("data:image/jpeg;base64,/9j/"))
        }
        #expect(figures.latencies.reduce(0) { $0 + $1.images } == 5)
        #expect(figures.budgets.dial.compactMap(\.budget) == figures.budgets.dial.map { $0.budget ?? 0 })
        #expect(figures.budgets.dial.last?.share == 1 && figures.budgets.dial.allSatisfy { $0.latency != nil })
        #expect(
            figures.robustness?.rows.map(\.model) == [
                "small", "small", "small", "small", "plain", "plain", "plain", "plain",
            ])
        #expect(figures.robustness?.images == 12)
        #expect(figures.claims.count == 8 && figures.claims.allSatisfy { !$0.evidence.isEmpty })
        // The networks are compared image by image.
        let (own, other) = (
            try RouteStudy(of: session, on: Self.set),
            try RouteStudy(of: BudgetTests.session(plain), on: Self.set, policy: .always)
        )
        let right = zip(own.outcomes, other.outcomes).map { [$0.isRight, $1.isRight] }
        let comparison = try #require(figures.comparison)
        #expect(comparison.first == "small" && comparison.second == "plain" && comparison.leftOut == 0)
        #expect(
            comparison.counts
                == PairedCounts(
                    both: right.count { $0 == [true, true] }, onlyFirst: right.count { $0 == [true, false] },
                    onlySecond: right.count { $0 == [false, true] }, neither: right.count { $0 == [false, false] }))
        #expect(comparison.counts.discordant > 0)
        #expect(
            figures.contenders.map(\.top1Interval)
                == [own, other].map { study in
                    ConfidenceInterval.wilson(study.outcomes.count { $0.isRight }, of: 60)
                })
        let confusion = try #require(figures.confusion)
        #expect(confusion.totals == [0: 20, 1: 20, 2: 20])
        for actual in 0..<3 {
            for predicted in 0..<3 {
                #expect(
                    confusion.count(actual: actual, predicted: predicted)
                        == own.outcomes.count { $0.label == actual && $0.prediction == predicted })
            }
        }
        #expect(figures.rates.top1IntervalsByClass?.count == 3)
        let points = figures.budgets.global + figures.budgets.perBlock + figures.budgets.dial
        for point in points {
            let interval = try #require(point.top1Interval)
            #expect(interval.low <= point.top1 && point.top1 <= interval.high)
        }
        // Made-up classes are neither animals nor vehicles.
        #expect(figures.claims[2].verdict == .unknown)
        let page = ReportPage(figures).html()
        #expect(page.contains("plain") && page.contains("class 2"))
    }

    @Test func withoutComparisonCalibrationAndAttackTheRestIsThere() throws {
        let study = try ReportStudy(
            of: .init(BudgetTests.weights()), against: nil, backend: .reference,
            settings: ReportSettings(batch: 16, curveImages: 20, timedImages: 2, robustness: nil))
        let figures = try study.figures(on: Self.set)
        #expect(figures.contenders.count == 1 && figures.robustness == nil && figures.budgets.dial.isEmpty)
        #expect(figures.claims[0].verdict == .unknown && figures.claims[6].verdict == .unknown)
        #expect(figures.comparison == nil && figures.confusion?.totals.values.reduce(0, +) == 60)
        #expect(!figures.budgets.global.isEmpty)
        #expect(!ReportPage(figures).html().isEmpty)
    }

    @Test func aReportOfNothingIsRefusedAndLongOnesCanBeCancelled() async throws {
        await #expect(throws: CalibrationError.noImages) {
            try await Self.study(BudgetTests.weights(), against: nil).figures(on: SyntheticImages(2, broken: [0, 1]))
        }
        @Sendable func measure() throws -> ReportFigures {
            try Self.study(BudgetTests.weights(), against: nil).figures(on: Self.set) { progress in
                if progress.stage == "moving thresholds" { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await Task { try measure() }.value }
    }
}
