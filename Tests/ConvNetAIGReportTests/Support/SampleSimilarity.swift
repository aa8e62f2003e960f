import ConvNetAIGReport

/// Distances of sample rates, clustered by average linkage.
enum SampleSimilarity {
    static func make(_ rates: RateFigures, _ blocks: [ModelFigures.Block]) -> SimilarityFigures {
        let gated = blocks.indices.filter { blocks[$0].isGated }
        let distances = rates.byClass.map { first in
            rates.byClass.map { second in
                gated.isEmpty
                    ? 0 : gated.reduce(0) { $0 + abs(first[$1] - second[$1]) } / Double(gated.count)
            }
        }
        var members = distances.indices.map { [$0] }
        var alive = Set(distances.indices)
        var merges: [SimilarityFigures.Merge] = []
        while alive.count > 1 {
            let sorted = alive.sorted()
            let pairs = sorted.flatMap { left in sorted.filter { $0 > left }.map { (left, $0) } }
            let ranked = pairs.map { pair in
                (pair: pair, distance: mean(members[pair.0], members[pair.1], distances))
            }
            guard let best = ranked.min(by: { $0.distance < $1.distance }) else { break }
            merges.append(
                SimilarityFigures.Merge(left: best.pair.0, right: best.pair.1, distance: best.distance))
            alive.subtract([best.pair.0, best.pair.1])
            alive.insert(members.count)
            members.append(members[best.pair.0] + members[best.pair.1])
        }
        let groups = distances.indices.map { [2, 3, 4, 5, 6, 7].contains($0) ? 0 : 1 }
        let isCIFAR = distances.count == SampleFigures.cifar.count
        return SimilarityFigures(
            distances: distances, order: members.last ?? [], merges: merges,
            separation: isCIFAR
                ? SimilarityFigures.Separation(
                    groups: ["animals", "vehicles"], groupByClass: groups, within: 0.041, between: 0.153, p: 0.0048)
                : nil)
    }

    private static func mean(_ left: [Int], _ right: [Int], _ distances: [[Double]]) -> Double {
        left.reduce(0) { sum, first in sum + right.reduce(0) { $0 + distances[first][$1] } }
            / Double(left.count * right.count)
    }
}
