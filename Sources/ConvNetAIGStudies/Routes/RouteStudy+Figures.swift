import ConvNetAIGReport
import Foundation

extension RouteStudy {
    var rates: RateFigures {
        let byClass = outcomesByClass
        return RateFigures(
            byBlock: Self.rates(outcomes, blocks: blockCount),
            byClass: byClass.map { Self.rates($0, blocks: blockCount) },
            top1ByClass: byClass.map { Self.mean($0) { $0.isRight ? 1 : 0 } },
            meanMACsByClass: byClass.map { Self.mean($0) { Double($0.macs) } },
            top1IntervalsByClass: byClass.map { Self.interval($0) { $0.isRight } })
    }

    /// Which classes were taken for which.
    public var confusion: ConfusionMatrix {
        var matrix = ConfusionMatrix()
        for outcome in outcomes { matrix.add(actual: outcome.label, predicted: outcome.prediction) }
        return matrix
    }

    /// Classes x (0 ... blocks): images that ran so many blocks.
    var depths: [[Int]] {
        outcomesByClass.map { outcomes in
            var counts = [Int](repeating: 0, count: blockCount + 1)
            for outcome in outcomes { counts[outcome.route.count { $0 }] += 1 }
            return counts
        }
    }

    /// - Parameter limit: how many graphs are listed.
    func graphs(limit: Int) -> GraphFigures {
        let groups = Dictionary(grouping: outcomes, by: \.route)
        // By route where they are as frequent, so that the same images give the same report.
        let ranked = groups.sorted {
            $0.value.count != $1.value.count
                ? $0.value.count > $1.value.count
                : $0.key.lexicographicallyPrecedes($1.key) { $0 && !$1 }
        }
        let entropy = ranked.reduce(0) { sum, group in
            let share = Double(group.value.count) / Double(outcomes.count)
            return sum - share * log2(share)
        }
        return GraphFigures(
            distinct: ranked.count, entropy: entropy,
            commonest: ranked.prefix(limit).map { route, outcomes in
                var byClass = [Int](repeating: 0, count: classes.count)
                for outcome in outcomes { byClass[outcome.label] += 1 }
                return GraphFigures.Graph(
                    route: route, count: outcomes.count, top1: Self.mean(outcomes) { $0.isRight ? 1 : 0 },
                    countByClass: byClass, top1Interval: Self.interval(outcomes) { $0.isRight })
            })
    }

    /// Correlation (Pearson's) of the images' losses, by rank, with the multiply-accumulates spent on them: whether hard
    /// images take longer routes (Spearman 1904). nil where one of them is the same for all.
    public var difficultyCorrelation: Double? {
        let losses = Ranks.of(outcomes.map { Double($0.loss) })
        let macs = Ranks.of(outcomes.map { Double($0.macs) })
        return Ranks.correlation(losses, macs)
    }
}
