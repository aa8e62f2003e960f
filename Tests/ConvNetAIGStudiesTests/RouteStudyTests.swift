import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGStudies

@Suite struct RouteStudyTests {
    private static let set = SyntheticImages(50, broken: [7])

    private static func study() throws -> (RouteStudy, Session) {
        let session = try BudgetTests.session(BudgetTests.weights())
        return (try RouteStudy(of: session, on: set), session)
    }

    @Test func agreesWithTheEvaluation() throws {
        let (study, session) = try Self.study()
        let evaluation = try Evaluation(of: session, on: Self.set)
        #expect(study.outcomes.count == 49 && study.failures == ["picture 7 is broken"])
        #expect(study.top1 == evaluation.top1)
        #expect(study.top5 == 1)
        #expect(abs(study.meanMACs - evaluation.meanMACs) < 1e-6)
        let rates = study.rates
        for (gate, block) in study.gatedBlocks.enumerated() {
            #expect(abs(rates.byBlock[block] - evaluation.executionRates[gate]) < 1e-12)
            for label in 0..<3 {
                #expect(abs(rates.byClass[label][block] - evaluation.executionRatesByClass[label][gate]) < 1e-12)
            }
        }
        #expect(rates.byBlock[3] == 1)
        #expect(study.outcomes.map(\.index) == (0..<50).filter { $0 != 7 })
    }

    @Test func outcomesArePredictions() throws {
        let (study, session) = try Self.study()
        for outcome in study.outcomes.prefix(8) {
            let prediction = try session.predict([Self.set.image(outcome.index)])[0]
            #expect(outcome.prediction == prediction.topClasses[0].index)
            #expect(outcome.route == prediction.graph.executed)
            #expect(outcome.macs == prediction.graph.macs)
            let own = prediction.topClasses.first { $0.index == outcome.label }
            #expect(abs(outcome.probability - (own?.probability ?? 0)) < 1e-5)
            #expect(abs(outcome.loss + log(outcome.probability)) < 1e-4)
        }
    }

    @Test func depthsAndGraphsCountEveryImage() throws {
        let (study, _) = try Self.study()
        #expect(study.depths.map { $0.reduce(0, +) } == study.outcomesByClass.map(\.count))
        #expect(study.depths.allSatisfy { $0.count == 6 && $0[0] == 0 })
        let graphs = study.graphs(limit: 100)
        #expect(graphs.commonest.reduce(0) { $0 + $1.count } == 49)
        #expect(graphs.distinct == graphs.commonest.count && graphs.distinct == Set(study.outcomes.map(\.route)).count)
        #expect(zip(graphs.commonest, graphs.commonest.dropFirst()).allSatisfy { $0.count >= $1.count })
        #expect(graphs.commonest.allSatisfy { $0.countByClass.reduce(0, +) == $0.count })
        let right = graphs.commonest.reduce(0.0) { $0 + $1.top1 * Double($1.count) }
        #expect(abs(right / 49 - study.top1) < 1e-12)
        #expect(graphs.entropy >= 0 && graphs.entropy <= log2(Double(graphs.distinct)) + 1e-12)
    }

    @Test func networksArePairedByTheirImages() throws {
        let (study, session) = try Self.study()
        func part(_ indices: Set<Int>, failures: [String]) -> RouteStudy {
            RouteStudy(
                outcomes: study.outcomes.filter { indices.contains($0.index) }, failures: failures,
                classes: study.classes, architecture: session.architecture)
        }
        let first = part(Set(0..<50), failures: study.failures)
        var wrong = part([1, 2, 8, 9], failures: [String](repeating: "broken", count: 46))
        let right = wrong.outcomes.count { $0.isRight }
        var pair = first.paired(with: wrong)
        #expect(pair.counts == PairedCounts(both: right, neither: 4 - right) && pair.leftOut == 46)
        // The other network says the opposite of each.
        wrong = RouteStudy(
            outcomes: wrong.outcomes.map { outcome in
                var changed = outcome
                changed.prediction = outcome.isRight ? (outcome.label + 1) % 3 : outcome.label
                return changed
            }, failures: wrong.failures, classes: wrong.classes, architecture: session.architecture)
        pair = first.paired(with: wrong)
        #expect(pair.counts == PairedCounts(onlyFirst: right, onlySecond: 4 - right) && pair.leftOut == 46)
        #expect(wrong.paired(with: first).counts == PairedCounts(onlyFirst: 4 - right, onlySecond: right))
        #expect(study.top1Interval == ConfidenceInterval.wilson(study.outcomes.count { $0.isRight }, of: 49))
        #expect(study.top5Interval == ConfidenceInterval.wilson(49, of: 49))
        #expect(part([], failures: []).top1Interval == nil)
    }

    /// Classes that run different blocks by construction, and classes that do not.
    @Test func classDifferencesAreToldFromChance() throws {
        let (study, session) = try Self.study()
        func outcomes(_ open: (_ index: Int, _ label: Int) -> Bool) -> RouteStudy {
            let made = (0..<300).map { index in
                var outcome = study.outcomes[index % study.outcomes.count]
                outcome.label = index % 3
                outcome.route = [open(index, outcome.label), true, true, true, true]
                return outcome
            }
            return RouteStudy(
                outcomes: made, failures: [], classes: ["a", "b", "c"], architecture: session.architecture)
        }
        let different = ClassDifferenceTest(outcomes { _, label in label == 1 })
        #expect(different.p == 1.0 / 1001)
        #expect(different.widestBlock.block == 0 && different.widestBlock.highClass == 1)
        #expect(different.widestBlock.high == 1 && different.widestBlock.low == 0)
        let alike = ClassDifferenceTest(outcomes { index, _ in index / 3 % 2 == 0 })
        #expect((alike.p ?? 0) > 0.5)
    }
}
