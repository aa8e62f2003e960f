import Foundation

/// The softmax of logits, kept as logarithms so that what is unlikely is not lost: a divergence weighs it.
struct ClassDistribution: Sendable, Hashable {
    private let logarithms: [Double]

    /// Nil unless all logits are finite.
    init?(logits: [Float]) {
        guard logits.allSatisfy(\.isFinite), let largest = logits.max() else { return nil }
        let differences = logits.map { Double($0) - Double(largest) }
        let logarithm = log(differences.reduce(0) { $0 + exp($1) })
        logarithms = differences.map { $0 - logarithm }
    }

    func probability(of index: Int) -> Double { exp(logarithms[index]) }

    /// Kullback-Leibler divergence of another distribution over the same classes from this one, in nats.
    func divergence(to other: ClassDistribution) -> Double {
        let sum = zip(logarithms, other.logarithms).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
        // The sum is never negative, but what is added up is.
        return max(sum, 0)
    }
}
