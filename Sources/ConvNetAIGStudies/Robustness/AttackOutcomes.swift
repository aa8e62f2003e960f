/// Which images a network is right about, unchanged and attacked.
struct AttackOutcomes: Sendable {
    /// The images, by their indices in the set.
    let indices: [Int]
    /// Whether each is taken for what it is.
    let unchanged: [Bool]
    /// The same under each attack: epsilons x images. None of them was recompressed.
    let attacked: [[Bool]]

    /// Some of the images, by their indices in the set, in that order.
    func restricted(to wanted: [Int]) -> AttackOutcomes {
        let places = Dictionary(zip(indices, indices.indices)) { first, _ in first }
        let kept = wanted.compactMap { places[$0] }
        return AttackOutcomes(
            indices: kept.map { indices[$0] }, unchanged: kept.map { unchanged[$0] },
            attacked: attacked.map { right in kept.map { right[$0] } })
    }
}
