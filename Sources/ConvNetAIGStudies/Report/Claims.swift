import ConvNetAIG
import ConvNetAIGReport
import Foundation

/// What the paper says of these networks, held against the figures of a report.
struct Claims {
    let routes: RouteStudy
    let plain: RouteStudy?
    let similarity: SimilarityFigures
    let robustness: RobustnessFigures?
    let architecture: Architecture
    let names: (adaptive: String, plain: String?)

    var all: [Claim] {
        [accuracy, classesDiffer, groupsDiffer, routesVary, easyIsShort, downsamplingRuns, fallsSlowly, graphsHold]
    }

    /// Chances below this are taken to be none.
    private static let significance = 0.01

    private var accuracy: Claim {
        let text = "It is as accurate as its ResNet with fewer computations."
        guard let plain, let name = names.plain else { return unknown(text, "There is no ResNet to compare with.") }
        let macs = routes.meanMACs / plain.meanMACs
        return Claim(
            text: text, verdict: routes.top1 >= plain.top1 && macs < 1 ? .holds : .fails,
            evidence:
                "\(names.adaptive): \(percent(routes.top1, 2)) with \(percent(macs)) of the multiply-accumulates of "
                + "\(name), which reaches \(percent(plain.top1, 2)).")
    }

    private var classesDiffer: Claim {
        let text = "The graphs differ by category."
        let test = ClassDifferenceTest(routes)
        guard let p = test.p else { return unknown(text, "There are no gates, or not two classes.") }
        let widest = test.widestBlock
        return Claim(
            text: text, verdict: p < Self.significance ? .holds : .fails,
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
            text: text, verdict: separation.p < 0.05 ? .holds : .fails,
            evidence: "Execution rates differ by \(points(separation.between)) between the groups and by "
                + "\(points(separation.within)) within them; of all ways to divide the classes so, "
                + "\(percent(separation.p)) separate them as well.")
    }

    private var routesVary: Claim {
        let text = "The number of layers executed varies from image to image."
        guard architecture.isAdaptive else { return unknown(text, "There are no gates.") }
        let depths = routes.outcomes.map { Double($0.route.count { $0 }) }
        let mean = depths.reduce(0, +) / Double(depths.count)
        let deviation = (depths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(depths.count)).squareRoot()
        let graphs = routes.graphs(limit: 1)
        let commonest = Double(graphs.commonest.first?.count ?? 0) / Double(routes.outcomes.count)
        return Claim(
            text: text, verdict: deviation > 0 ? .holds : .fails,
            evidence: String(
                format: "%.2f blocks of %d on average, with a standard deviation of %.2f; from %.0f to %.0f. ", mean,
                routes.blockCount, deviation, depths.min() ?? 0, depths.max() ?? 0)
                + "\(graphs.distinct) distinct graphs occur; the commonest is that of \(percent(commonest)) of the pictures."
        )
    }

    private var easyIsShort: Claim {
        let text = "Easy images take shorter routes."
        guard let correlation = routes.difficultyCorrelation else {
            return unknown(text, "All pictures cost the same.")
        }
        // Under independence, Spearman's coefficient is nearly normal with variance 1 / (n - 1).
        let isSignificant = correlation * Double(routes.outcomes.count - 1).squareRoot() > 2.33
        return Claim(
            text: text, verdict: isSignificant ? .holds : .fails,
            evidence: String(
                format: "The rank correlation of a picture's loss with its multiply-accumulates is %+.3f.", correlation)
        )
    }

    private var downsamplingRuns: Claim {
        let text = "Downsampling and last blocks run for nearly every image."
        let blocks = architecture.blocks
        let watched = blocks.filter { $0.isGated && ($0.stride > 1 || $0.index == blocks.count - 1) }.map(\.index)
        guard !watched.isEmpty else { return unknown(text, "These blocks have no gates here, and always run.") }
        let rates = routes.rates.byBlock
        return Claim(
            text: text, verdict: watched.allSatisfy { rates[$0] > 0.9 } ? .holds : .fails,
            evidence: watched.map { "\(blocks[$0].name) \(percent(rates[$0]))" }.joined(separator: ", ") + ".")
    }

    private var fallsSlowly: Claim {
        let text = "Under attack, accuracy falls more slowly than the ResNet's."
        guard let robustness, let plain = names.plain else { return unknown(text, "Nothing was attacked.") }
        func kept(_ model: String, _ quality: Int?) -> [Double] {
            let rows = robustness.rows.filter { $0.model == model && $0.jpegQuality == quality }
            guard let clean = rows.first(where: { $0.epsilon == 0 })?.top1, clean > 0 else { return [] }
            return rows.filter { $0.epsilon > 0 }.map { $0.top1 / clean }
        }
        let (own, others) = (kept(names.adaptive, nil), kept(plain, nil))
        guard !own.isEmpty, own.count == others.count else { return unknown(text, "Nothing was attacked.") }
        let slower = zip(own, others).count { $0 > $1 }
        let (mean, other) = (own.reduce(0, +) / Double(own.count), others.reduce(0, +) / Double(others.count))
        return Claim(
            text: text, verdict: slower == own.count ? .holds : .fails,
            evidence: "\(robustness.attack): averaged over \(own.count) epsilons, \(names.adaptive) keeps "
                + "\(percent(mean)) of its accuracy and \(plain) \(percent(other)); it keeps more at \(slower) of them."
        )
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
            text: text, verdict: changed < 0.1 ? .holds : .fails,
            evidence:
                "At an epsilon of \(String(format: "%g", middle.epsilon))/255, \(percent(changed)) of the decisions "
                + "change (less than 10 % is taken for little), and \(percent(same)) of the pictures keep their graph.")
    }

    private func unknown(_ text: String, _ reason: String) -> Claim {
        Claim(text: text, verdict: .unknown, evidence: reason)
    }

    private func percent(_ share: Double, _ decimals: Int = 1) -> String {
        String(format: "%.\(decimals)f %%", 100 * share)
    }

    private func points(_ share: Double) -> String { String(format: "%.1f points", 100 * share) }

    private func probability(_ p: Double) -> String { p < 0.001 ? "< 0.001" : String(format: "= %.3f", p) }
}
