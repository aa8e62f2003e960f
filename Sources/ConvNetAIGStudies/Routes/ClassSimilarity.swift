import ConvNetAIGReport

/// The similarity of the classes' graphs: mean differences of their execution rates, and clusters by average linkage (UPGMA,
/// Sokal and Michener 1958).
struct ClassSimilarity {
    /// Mean absolute differences of rates: classes x classes.
    let distances: [[Double]]

    /// - Parameter rates: classes x gated blocks.
    init(rates: [[Double]]) {
        distances = rates.map { first in
            rates.map { second in
                let differences = zip(first, second).map { abs($0 - $1) }
                return differences.isEmpty ? 0 : differences.reduce(0, +) / Double(differences.count)
            }
        }
    }

    /// The merges of clusters, and the classes in an order that keeps clusters together.
    var clusters: (merges: [SimilarityFigures.Merge], order: [Int]) {
        let count = distances.count
        var members = (0..<count).map { [$0] }
        var open = Array(0..<count)
        var merges: [SimilarityFigures.Merge] = []
        while open.count > 1 {
            var best = (distance: Double.infinity, left: open[0], right: open[1])
            for (place, left) in open.enumerated() {
                for right in open[(place + 1)...] {
                    let distance = meanDistance(members[left], members[right])
                    if distance < best.distance { best = (distance, left, right) }
                }
            }
            merges.append(.init(left: best.left, right: best.right, distance: best.distance))
            open.removeAll { $0 == best.left || $0 == best.right }
            open.append(members.count)
            members.append(members[best.left] + members[best.right])
        }
        return (merges, members.last ?? [])
    }

    private func meanDistance(_ first: [Int], _ second: [Int]) -> Double {
        let sum = first.reduce(0) { sum, a in second.reduce(sum) { $0 + distances[a][$1] } }
        return sum / Double(first.count * second.count)
    }

    /// Whether classes of different groups are farther apart than classes of the same group.
    ///
    /// - Parameter groupByClass: 0 or 1 for each class.
    /// - Returns: nil if a group has fewer than two classes.
    func separation(groups: [String], groupByClass: [Int]) -> SimilarityFigures.Separation? {
        let first = groupByClass.count { $0 == 0 }
        guard first >= 2, groupByClass.count - first >= 2 else { return nil }
        let own = difference(groupByClass)
        // Every division into groups of these sizes is as likely as any other, if the groups mean nothing.
        let classes = groupByClass.count
        var (all, asGood) = (0, 0)
        for bits in 0..<(1 << classes) where bits.nonzeroBitCount == first {
            let division = (0..<classes).map { bits >> $0 & 1 == 1 ? 0 : 1 }
            all += 1
            if difference(division).gap >= own.gap - 1e-12 { asGood += 1 }
        }
        return .init(
            groups: groups, groupByClass: groupByClass, within: own.within, between: own.between,
            p: Double(asGood) / Double(all))
    }

    private func difference(_ groups: [Int]) -> (within: Double, between: Double, gap: Double) {
        var (within, between) = ((sum: 0.0, count: 0), (sum: 0.0, count: 0))
        for a in groups.indices {
            for b in groups.indices.dropFirst(a + 1) {
                if groups[a] == groups[b] {
                    within = (within.sum + distances[a][b], within.count + 1)
                } else {
                    between = (between.sum + distances[a][b], between.count + 1)
                }
            }
        }
        let means = (within.sum / Double(max(within.count, 1)), between.sum / Double(max(between.count, 1)))
        return (means.0, means.1, means.1 - means.0)
    }
}

extension RouteStudy {
    var similarity: SimilarityFigures {
        let rates = outcomesByClass.map { outcomes in
            let rates = Self.rates(outcomes, blocks: blockCount)
            return gatedBlocks.map { rates[$0] }
        }
        let similarity = ClassSimilarity(rates: rates)
        let (merges, order) = similarity.clusters
        return SimilarityFigures(
            distances: similarity.distances, order: order, merges: merges,
            separation: KnownGroups.of(classes).flatMap {
                similarity.separation(groups: KnownGroups.names, groupByClass: $0)
            })
    }
}

/// The groups of classes that the paper tells apart, for classes whose groups are known: animals and vehicles.
enum KnownGroups {
    static let names = ["animals", "vehicles"]
    private static let animals: Set = ["bird", "cat", "deer", "dog", "frog", "horse"]
    private static let vehicles: Set = ["airplane", "automobile", "ship", "truck"]

    /// 0 for an animal, 1 for a vehicle; nil if a class is neither.
    static func of(_ classes: [String]) -> [Int]? {
        let groups = classes.map { animals.contains($0) ? 0 : vehicles.contains($0) ? 1 : nil }
        return groups.contains(nil) ? nil : groups.compactMap(\.self)
    }
}
