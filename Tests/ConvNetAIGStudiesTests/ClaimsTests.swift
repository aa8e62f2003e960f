import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGStudies

/// What is said of figures that are made up, so that their intervals are known.
@Suite struct ClaimsTests {
    /// Some outcome of the small network, to be changed: four of its five blocks have gates, and the fourth has none. The
    /// fifth is the last.
    private static let base = Result {
        let session = try BudgetTests.session(BudgetTests.weights())
        return (try RouteStudy(of: session, on: SyntheticImages(1)).outcomes[0], session.architecture)
    }

    private static func study(_ count: Int, _ change: (Int, inout ImageOutcome) -> Void) throws -> RouteStudy {
        let (outcome, architecture) = try base.get()
        let outcomes = (0..<count).map { index in
            var changed = outcome
            changed.index = index
            changed.label = index % 3
            changed.prediction = changed.label
            changed.macs = 80
            changed.route = [true, true, true, true, true]
            changed.loss = 1
            change(index, &changed)
            return changed
        }
        return RouteStudy(outcomes: outcomes, failures: [], classes: ["a", "b", "c"], architecture: architecture)
    }

    private static func plain(_ count: Int, isRight: (Int) -> Bool = { _ in true }) throws -> RouteStudy {
        try study(count) { index, outcome in
            outcome.macs = 100
            if !isRight(index) { outcome.prediction = (outcome.label + 1) % 3 }
        }
    }

    private static func claims(
        _ routes: RouteStudy, plain: RouteStudy? = nil, separation: SimilarityFigures.Separation? = nil,
        robustness: RobustnessFigures? = nil, kept: KeptAccuracy? = nil
    ) throws -> [Claim] {
        Claims(
            routes: routes, plain: plain,
            similarity: SimilarityFigures(distances: [], order: [], merges: [], separation: separation),
            robustness: robustness, architecture: try base.get().1, names: ("aig", "resnet"),
            comparison: plain.map { ComparisonFigures(first: "aig", second: "resnet", routes.paired(with: $0)) },
            kept: kept
        ).all
    }

    /// Both are right about most images; the rest only one of them is right about.
    @Test(arguments: [
        (onlyOwn: 40, onlyPlain: 10, verdict: Claim.Verdict.holds), (26, 25, .unknown), (25, 26, .unknown),
        (35, 25, .unknown), (10, 40, .fails), (0, 0, .unknown),
    ])
    func accuracyGoesByTheIntervalOfTheDifference(onlyOwn: Int, onlyPlain: Int, verdict: Claim.Verdict) throws {
        let own = try Self.study(1000) { index, outcome in
            if index < onlyPlain { outcome.prediction = (outcome.label + 1) % 3 }
        }
        let plain = try Self.plain(1000) { !(onlyPlain..<onlyPlain + onlyOwn).contains($0) }
        let claim = try Self.claims(own, plain: plain)[0]
        #expect(claim.verdict == verdict, "\(claim.evidence)")
        let points = String(format: "%+.2f points", Double(onlyOwn - onlyPlain) / 10)
        #expect(claim.evidence.contains(points), "\(claim.evidence)")
    }

    @Test func accuracyNeedsFewerComputations() throws {
        let plain = try Self.plain(1000) { $0 >= 100 }
        func verdict(_ macs: @escaping (Int) -> Int) throws -> Claim.Verdict {
            let own = try Self.study(1000) { index, outcome in outcome.macs = macs(index) }
            return try Self.claims(own, plain: plain)[0].verdict
        }
        #expect(try verdict { _ in 99 } == .holds)
        #expect(try verdict { _ in 100 } == .fails)
        #expect(try verdict { $0 % 2 == 0 ? 50 : 149 } == .unknown)
        #expect(try verdict { $0 % 2 == 0 ? 50 : 160 } == .fails)
        let alone = try Self.claims(Self.study(10) { _, _ in })[0]
        #expect(alone.verdict == .unknown && alone.evidence == "There is no ResNet to compare with.")
    }

    /// A tenth of the images run another number of blocks; then 1 in 100, and none.
    @Test(arguments: [
        (1000, 10, Claim.Verdict.holds), (1000, 100, .unknown), (1000, 5000, .fails), (50, 5000, .unknown),
    ])
    func routesVaryWhereEnoughImagesDo(count: Int, everyOther: Int, verdict: Claim.Verdict) throws {
        let routes = try Self.study(count) { index, outcome in
            if index % everyOther == 1 { outcome.route[0] = false }
        }
        #expect(try Self.claims(routes)[3].verdict == verdict)
    }

    @Test func easyImagesAreShortByRank() throws {
        func verdict(_ count: Int, _ macs: @escaping (Int) -> Int) throws -> Claim.Verdict {
            let routes = try Self.study(count) { index, outcome in
                outcome.loss = Float(index)
                outcome.macs = macs(index)
            }
            return try Self.claims(routes)[4].verdict
        }
        #expect(try verdict(200) { $0 } == .holds)
        #expect(try verdict(200) { -$0 } == .fails)
        #expect(try verdict(200) { $0 * 37 % 100 } == .unknown)
        #expect(try verdict(9) { $0 } == .unknown)
        #expect(try verdict(200) { _ in 7 } == .unknown)
    }

    /// The last block is the only one watched: that which changes the resolution has no gate.
    @Test(arguments: [
        (1000, 950, Claim.Verdict.holds), (1000, 910, .unknown), (1000, 890, .unknown), (1000, 850, .fails),
    ])
    func lastBlocksRunByTheIntervalOfTheirRate(count: Int, ran: Int, verdict: Claim.Verdict) throws {
        let routes = try Self.study(count) { index, outcome in outcome.route[4] = index < ran }
        let claim = try Self.claims(routes)[5]
        #expect(claim.verdict == verdict)
        #expect(claim.evidence.hasPrefix("layer2.1 \(Double(ran) / 10) % ("), "\(claim.evidence)")
    }

    @Test func classesDifferWherePermutationsDoNot() throws {
        func verdict(_ open: @escaping (Int) -> Bool) throws -> Claim.Verdict {
            let routes = try Self.study(300) { index, outcome in outcome.route[0] = open(index) }
            return try Self.claims(routes)[1].verdict
        }
        #expect(try verdict { $0 % 3 == 1 } == .holds)
        #expect(try verdict { $0 * 7 % 11 < 5 } == .unknown)
        #expect(try verdict { _ in true } == .fails)
        // Exactly half of each class.
        #expect(try verdict { $0 % 2 == 0 } == .fails)
    }

    @Test(arguments: [(0.005, Claim.Verdict.holds), (0.05, .unknown), (0.5, .unknown), (0.97, .fails)])
    func groupsDifferByTheirTest(p: Double, verdict: Claim.Verdict) throws {
        let separation = SimilarityFigures.Separation(
            groups: ["animals", "vehicles"], groupByClass: [0, 1, 0], within: 0.1, between: 0.2, p: p)
        #expect(try Self.claims(Self.study(10) { _, _ in }, separation: separation)[2].verdict == verdict)
    }

    @Test(arguments: [
        (Optional(ConfidenceInterval(low: 0.05, high: 0.09)), Claim.Verdict.holds),
        (ConfidenceInterval(low: 0.08, high: 0.12), .unknown), (ConfidenceInterval(low: 0.11, high: 0.2), .fails),
        (nil, .unknown),
    ])
    func graphsHoldByTheirInterval(_ interval: ConfidenceInterval?, verdict: Claim.Verdict) throws {
        let row = RobustnessFigures.Row(
            model: "aig", epsilon: 8, jpegQuality: nil, top1: 0.5, macShare: 0.8, changedDecisions: 0.09,
            sameGraph: 0.7, changedDecisionsInterval: interval)
        let robustness = RobustnessFigures(attack: "FGSM", images: 100, rows: [row])
        #expect(try Self.claims(Self.study(10) { _, _ in }, robustness: robustness)[7].verdict == verdict)
    }

    @Test(arguments: [
        (500, 400, Claim.Verdict.holds), (500, 490, .unknown), (490, 500, .unknown), (400, 500, .fails),
        (500, 500, .unknown),
    ])
    func fallsSlowlyByTheIntervalOfWhatIsKept(own: Int, other: Int, verdict: Claim.Verdict) throws {
        func outcomes(_ kept: Int) -> AttackOutcomes {
            // Which images survive has nothing to do with each other.
            AttackOutcomes(
                indices: Array(0..<1000), unchanged: [Bool](repeating: true, count: 1000),
                attacked: [(0..<1000).map { $0 * (kept == own ? 7 : 333) % 1000 < kept }])
        }
        let kept = KeptAccuracy(outcomes(own), outcomes(other))
        let robustness = RobustnessFigures(attack: "FGSM", images: 1000, rows: [])
        let claim = try Self.claims(Self.study(10) { _, _ in }, robustness: robustness, kept: kept)[6]
        #expect(claim.verdict == verdict, "\(claim.evidence)")
    }

    @Test func severalVerdictsAreOne() {
        #expect(Claim.Verdict.all([]) == .holds)
        #expect(Claim.Verdict.all([.holds, .unknown]) == .unknown)
        #expect(Claim.Verdict.all([.unknown, .fails, .holds]) == .fails)
    }
}
