import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import OpenCL
import TestSupport
import Testing

@testable import ConvNetAIGStudies

@Suite struct RobustnessStudyTests {
    private static let set = SyntheticImages(20)

    @Test func rowsAreWhatTheAttacksDo() throws {
        let weights = try BudgetTests.weights()
        let session = try BudgetTests.session(weights)
        let settings = RobustnessSettings(epsilons: [4, 16], jpegQuality: 50)
        let figures = try RobustnessStudy(
            of: "small", session: session, weights: weights, backend: .reference, settings: settings
        ).figures(on: Self.set)
        #expect(figures.attack == "FGSM" && figures.images == 20)
        #expect(figures.rows.map(\.epsilon) == [0, 0, 4, 4, 16, 16])
        #expect(figures.rows.map(\.jpegQuality) == [nil, 50, nil, 50, nil, 50])

        // Once more, by hand.
        let preprocessing = try #require(session.preprocessing)
        let images = try (0..<20).map(Self.set.image)
        let labels = (0..<20).map(Self.set.label)
        let input = try Tensor(shape: [20, 3, 8, 8], values: images.flatMap { try preprocessing($0) })
        let attacker = try Attacker(weights: weights, backend: .reference, batch: 20)
        let before = try session.predict(input)
        for (row, epsilon) in [(figures.rows[0], Float(0)), (figures.rows[2], 4), (figures.rows[4], 16)] {
            let attacked = try attacker.attack(.fgsm(epsilon: epsilon / 255), input, labels: labels)
            let after = try session.predict(epsilon == 0 ? input : attacked)
            let right = zip(after, labels).count { $0.topClasses[0].index == $1 }
            #expect(row.top1 == Double(right) / 20)
            let changed = zip(before, after).map { zip($0.graph.gates, $1.graph.gates).count { $0 != $1 } }
            #expect(row.changedDecisions == Double(changed.reduce(0, +)) / Double(20 * before[0].graph.gates.count))
            #expect(row.sameGraph == Double(changed.count { $0 == 0 }) / 20)
            #expect(row.top1Interval == ConfidenceInterval.wilson(right, of: 20))
            // 20 images are too few for the interval of a mean.
            #expect(row.changedDecisionsInterval == nil)
            let macs = after.reduce(0) { $0 + $1.graph.macs }
            #expect(abs(row.macShare - Double(macs) / 20 / Double(session.cost.macs)) < 1e-12)
        }
        let recompressed = try images.map { try Image(decoding: $0.jpeg(quality: 50), name: "recompressed") }
        let right = zip(try session.predict(recompressed), labels).count { $0.topClasses[0].index == $1 }
        #expect(figures.rows[1].top1 == Double(right) / 20)
    }

    /// Decisions of one image change together: the interval is that of images.
    @Test func changedDecisionsHaveTheIntervalOfImages() throws {
        let weights = try StudyNetwork.weights()
        let session = try Session(weights: weights, backend: .reference, batch: 16)
        let study = try RobustnessStudy(
            of: "study", session: session, weights: weights, backend: .reference,
            settings: RobustnessSettings(epsilons: [16], jpegQuality: nil))
        let set = SyntheticImages(40, width: 12, height: 12, classes: 5)
        let (figures, outcomes) = try study.measure(
            set, policy: .argmax, limit: nil, threads: 1, progress: { _ in }, checkCancellation: {})
        let preprocessing = try #require(session.preprocessing)
        let images = try Tensor(
            shape: [40, 3, 12, 12], values: (0..<40).flatMap { try preprocessing(set.image($0)) })
        let labels = (0..<40).map(set.label)
        let attacked = try Attacker(weights: weights, backend: .reference, batch: 40)
            .attack(.fgsm(epsilon: 16 / 255), images, labels: labels)
        let (before, after) = (try session.predict(images), try session.predict(attacked))
        let shares = zip(before, after).map { before, after in
            Double(zip(before.graph.gates, after.graph.gates).count { $0 != $1 }) / Double(before.graph.gates.count)
        }
        let interval = try #require(figures.rows.last?.changedDecisionsInterval)
        #expect(interval == ConfidenceInterval.mean(of: shares))
        #expect(interval.low < interval.high)
        // Unchanged images change nothing, but 40 of them cannot vouch for all.
        #expect(figures.rows.first?.changedDecisions == 0)
        #expect(figures.rows.first?.changedDecisionsInterval == ConfidenceInterval.wilson(0, of: 40))
        #expect(outcomes.indices == Array(0..<40))
        #expect(outcomes.unchanged == zip(before, labels).map { $0.topClasses[0].index == $1 })
        #expect(outcomes.attacked == [zip(after, labels).map { $0.topClasses[0].index == $1 }])
    }

    @Test func plainNetworksHaveNoDecisions() throws {
        let weights = Weights.random(for: try Architecture(named: "resnet-cifar-8"), seed: 3)
        let session = try Session(weights: weights, backend: .openCL(), batch: 4)
        let figures = try RobustnessStudy(
            of: "plain", session: session, weights: weights, backend: .openCL(),
            settings: RobustnessSettings(epsilons: [2], steps: 2, jpegQuality: nil)
        ).figures(on: SyntheticImages(6, width: 32, height: 32, classes: 10), policy: .always)
        #expect(figures.attack == "PGD, 2 steps")
        #expect(figures.rows.count == 2)
        #expect(figures.rows.allSatisfy { $0.changedDecisions == nil && $0.sameGraph == nil && $0.macShare == 1 })
    }

    @Test func impossibleSettingsAreRefused() throws {
        let weights = try BudgetTests.weights()
        let session = try BudgetTests.session(weights)
        func make(_ settings: RobustnessSettings) throws {
            _ = try RobustnessStudy(
                of: "small", session: session, weights: weights, backend: .reference, settings: settings)
        }
        #expect(throws: AttackError.self) { try make(RobustnessSettings(epsilons: [300])) }
        #expect(throws: ImageError.invalidQuality(0)) { try make(RobustnessSettings(jpegQuality: 0)) }
    }
}
