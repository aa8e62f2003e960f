import ConvNetAIG
import ConvNetAIGReport
import Foundation
import Statistics

/// The paper's claims about these networks, tested with the figures of a report.
///
/// A claim holds or fails only if the 95 % interval of its figure says so: Wilson's for shares of images, Newcombe's for the
/// difference of two networks' accuracies on the same images, that of a mean for the cost of images and for accuracies under
/// attack, and Bonett and Wright's for a rank correlation. A permutation test that finds no difference leaves its claim unknown.
struct Claims {
    let routes: RouteStudy
    let plain: RouteStudy?
    let similarity: SimilarityFigures
    let robustness: RobustnessFigures?
    let architecture: Architecture
    let names: (adaptive: String, plain: String?)
    /// The adaptive network's accuracy against the plain one's, on the same images.
    let comparison: ComparisonFigures?
    /// The accuracy that the adaptive network keeps under attack, against the plain one.
    let kept: KeptAccuracy?

    var all: [Claim] {
        [accuracy, classesDiffer, groupsDiffer, routesVary, easyIsShort, downsamplingRuns, fallsSlowly, graphsHold]
    }

    /// The significance level of permutation tests.
    private static let significance = 0.01
    /// The significance level of a test that can permute only a few classes.
    private static let significanceOfGroups = 0.05
    /// Shares of images that count as nearly all and as next to none.
    private static let (nearlyAll, nextToNone) = (0.9, 0.01)
    /// A share of changed decisions that counts as little.
    private static let little = 0.1

    private var accuracy: Claim {
        let text = "It is as accurate as its ResNet with fewer computations."
        guard let plain, let name = names.plain, let comparison else {
            return unknown(text, "There is no ResNet to compare with.")
        }
        guard let difference = comparison.difference, let interval = comparison.interval, plain.meanMACs > 0 else {
            return unknown(text, "There is no picture that both classified.")
        }
        // Every image costs the same with the ResNet.
        let shares = routes.outcomes.map { Double($0.macs) / plain.meanMACs }
        let cost = ConfidenceInterval.mean(of: shares)
        return Claim(
            text: text, verdict: .all([.atLeast(0, interval), .below(1, cost)]),
            evidence:
                "\(names.adaptive): \(percent(routes.top1, 2)) with \(percent(routes.meanMACs / plain.meanMACs))"
                + "\(range(cost)) of the multiply-accumulates of \(name), which reaches \(percent(plain.top1, 2)). "
                + "On the same \(comparison.counts.count) pictures, the difference is \(signed(difference, 2)) points "
                + "(\(signed(interval.low, 2)) to \(signed(interval.high, 2))); McNemar's test: p "
                + "\(probability(comparison.test.p)).")
    }

    private var classesDiffer: Claim {
        let text = "The graphs differ by category."
        let test = ClassDifferenceTest(routes)
        guard let p = test.p else { return unknown(text, "There are no gates, or not two classes.") }
        let widest = test.widestBlock
        // Where nothing differs, there is nothing to find.
        let verdict: Claim.Verdict = p < Self.significance ? .holds : test.meanDistance == 0 ? .fails : .unknown
        return Claim(
            text: text, verdict: verdict,
            evidence:
                "Two classes' execution rates differ by \(points(test.meanDistance)) per gated block on average; were "
                + "labels drawn at random, it would be \(points(test.expectedDistance)) (p \(probability(p))). "
                + "The widest is block \(architecture.blocks[widest.block].name): \(percent(widest.low)) for "
                + "\(routes.classes[widest.lowClass]), \(percent(widest.high)) for \(routes.classes[widest.highClass])."
        )
    }

    private var groupsDiffer: Claim {
        let text = "Man-made objects and animals take different graphs."
        guard let separation = similarity.separation else {
            return unknown(text, "The classes are not known to be animals or vehicles.")
        }
        return Claim(
            text: text, verdict: .oneSided(separation.p, level: Self.significanceOfGroups),
            evidence: "Execution rates differ by \(points(separation.between)) between the groups and by "
                + "\(points(separation.within)) within them; of all ways to divide the classes so, "
                + "\(percent(separation.p)) separate them as well.")
    }

    private var routesVary: Claim {
        let text = "The number of layers executed varies from image to image."
        guard architecture.isAdaptive else { return unknown(text, "There are no gates.") }
        let depths = routes.outcomes.map { outcome in outcome.route.count { $0 } }
        let values = depths.map(Double.init)
        let mean = values.reduce(0, +) / Double(values.count)
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
        let graphs = routes.graphs(limit: 1)
        let commonest = Double(graphs.commonest.first?.count ?? 0) / Double(routes.outcomes.count)
        let usual = Dictionary(grouping: depths, by: \.self).values.map(\.count).max() ?? 0
        let others = depths.count - usual
        let interval = ConfidenceInterval.wilson(others, of: depths.count)
        return Claim(
            text: text, verdict: .above(Self.nextToNone, interval),
            evidence: String(
                format: "%.2f blocks of %d on average, with a standard deviation of %.2f; from %.0f to %.0f. ", mean,
                routes.blockCount, deviation, values.min() ?? 0, values.max() ?? 0)
                + "\(percent(Double(others) / Double(depths.count)))\(range(interval)) of the pictures run another number "
                + "than the commonest (more than \(percent(Self.nextToNone, 0)) is taken for varying). "
                + "\(graphs.distinct) distinct graphs occur; the commonest is that of \(percent(commonest)) of the pictures."
        )
    }

    private var easyIsShort: Claim {
        let text = "Easy images take shorter routes."
        guard let correlation = routes.difficultyCorrelation else {
            return unknown(text, "All pictures cost the same.")
        }
        let interval = ConfidenceInterval.rankCorrelation(correlation, pairs: routes.outcomes.count)
        return Claim(
            text: text, verdict: .above(0, interval),
            evidence: String(
                format: "The rank correlation of a picture's loss with its multiply-accumulates is %+.3f", correlation)
                + (interval.map { String(format: " (%+.3f to %+.3f).", $0.low, $0.high) } ?? "."))
    }

    private var downsamplingRuns: Claim {
        let text = "Downsampling and last blocks run for nearly every image."
        let blocks = architecture.blocks
        let watched = blocks.filter { $0.isGated && ($0.stride > 1 || $0.index == blocks.count - 1) }.map(\.index)
        guard !watched.isEmpty else { return unknown(text, "These blocks have no gates here, and always run.") }
        let rates = routes.rates.byBlock
        let intervals = watched.map { block in RouteStudy.interval(routes.outcomes) { $0.route[block] } }
        return Claim(
            text: text, verdict: .all(intervals.map { .above(Self.nearlyAll, $0) }),
            evidence: zip(watched, intervals).map { "\(blocks[$0].name) \(percent(rates[$0]))\(range($1))" }
                .joined(separator: ", ") + " (more than \(percent(Self.nearlyAll, 0)) is taken for nearly every one).")
    }

    private var fallsSlowly: Claim {
        let text = "Under attack, accuracy falls more slowly than the ResNet's."
        guard let robustness, let plain = names.plain, let kept else {
            return unknown(text, "Nothing was attacked, or a network is right about no picture.")
        }
        return Claim(
            text: text, verdict: .above(0, kept.interval),
            evidence: "\(robustness.attack): averaged over \(kept.first.count) epsilons, \(names.adaptive) keeps "
                + "\(percent(kept.means.first)) of its accuracy and \(plain) \(percent(kept.means.second)), a difference "
                + "of \(signed(kept.difference, 1)) points"
                + (kept.interval.map { " (\(signed($0.low, 1)) to \(signed($0.high, 1)))" } ?? "")
                + "; it keeps more at \(kept.moreOften) of them.")
    }

    private var graphsHold: Claim {
        let text = "The executed graph changes little under attack."
        let rows = (robustness?.rows ?? []).filter {
            $0.model == names.adaptive && $0.jpegQuality == nil && $0.epsilon > 0 && $0.changedDecisions != nil
        }
        guard let middle = rows.min(by: { abs($0.epsilon - 8) < abs($1.epsilon - 8) }),
            let changed = middle.changedDecisions,
            let same = middle.sameGraph
        else { return unknown(text, "Nothing was attacked, or there are no gates.") }
        return Claim(
            text: text, verdict: .below(Self.little, middle.changedDecisionsInterval),
            evidence:
                "At an epsilon of \(String(format: "%g", middle.epsilon))/255, \(percent(changed))"
                + "\(range(middle.changedDecisionsInterval)) of the decisions change (less than "
                + "\(percent(Self.little, 0)) is taken for little), and \(percent(same)) of the pictures keep their graph."
        )
    }

    private func unknown(_ text: String, _ reason: String) -> Claim {
        Claim(text: text, verdict: .unknown, evidence: reason)
    }

    private func percent(_ share: Double, _ decimals: Int = 1) -> String {
        String(format: "%.\(decimals)f %%", 100 * share)
    }

    /// The 95 % interval of a share in parentheses; empty without one.
    private func range(_ interval: ConfidenceInterval?) -> String {
        interval.map { String(format: " (%.1f to %.1f %%)", 100 * $0.low, 100 * $0.high) } ?? ""
    }

    private func signed(_ share: Double, _ decimals: Int) -> String {
        String(format: "%+.\(decimals)f", 100 * share)
    }

    private func points(_ share: Double) -> String { String(format: "%.1f points", 100 * share) }

    private func probability(_ p: Double) -> String { p < 0.001 ? "< 0.001" : String(format: "= %.3f", p) }
}

/// Verdicts by a 95 % interval: a claim holds if all of the interval agrees with it, fails if none of it does, and is unknown if
/// a part of it does or if there is no interval.
extension Claim.Verdict {
    /// The claim that a figure is more than `bound`.
    static func above(_ bound: Double, _ interval: ConfidenceInterval?) -> Claim.Verdict {
        guard let interval else { return .unknown }
        return interval.low > bound ? .holds : interval.high <= bound ? .fails : .unknown
    }

    /// The claim that a figure is less than `bound`.
    static func below(_ bound: Double, _ interval: ConfidenceInterval?) -> Claim.Verdict {
        guard let interval else { return .unknown }
        return interval.high < bound ? .holds : interval.low >= bound ? .fails : .unknown
    }

    /// The claim that a figure is `bound` or more.
    static func atLeast(_ bound: Double, _ interval: ConfidenceInterval?) -> Claim.Verdict {
        guard let interval else { return .unknown }
        return interval.low >= bound ? .holds : interval.high < bound ? .fails : .unknown
    }

    /// The claim that there is a difference in one direction.
    ///
    /// - Parameters:
    ///   - p: the probability of a difference at least this large in that direction if there is none.
    ///   - level: the significance level.
    static func oneSided(_ p: Double, level: Double) -> Claim.Verdict {
        p < level ? .holds : p > 1 - level ? .fails : .unknown
    }

    /// The claim that several claims hold together.
    static func all(_ verdicts: [Claim.Verdict]) -> Claim.Verdict {
        if verdicts.contains(.fails) { return .fails }
        return verdicts.contains(.unknown) ? .unknown : .holds
    }
}
