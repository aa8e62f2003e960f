import Statistics

/// How much of its accuracy a network keeps under attack, against another network on the same images.
///
/// The kept share is the accuracy under an attack divided by the accuracy on the unchanged images. All accuracies, of both
/// networks and at every epsilon, are of the same images. The interval is therefore that of a mean over images of what each
/// adds to the difference: (a − r u) / p, averaged over the epsilons, less the same for the other network. p is the accuracy on
/// unchanged images, r the kept share, and u and a are 1 or 0 for an image that is right or wrong when unchanged and when
/// attacked. This is the linear approximation of a ratio's error (Cochran 1977, *Sampling Techniques*, chapter 6).
struct KeptAccuracy {
    /// The share that the first network keeps at each epsilon.
    let first: [Double]
    /// The share that the second network keeps at each epsilon.
    let second: [Double]
    /// The 95 % interval of the difference of the means; nil for too few images, and if the networks are equal on all of
    /// them.
    let interval: ConfidenceInterval?

    /// The difference of the means over the epsilons.
    var difference: Double { Self.mean(first) - Self.mean(second) }
    /// The means over the epsilons.
    var means: (first: Double, second: Double) { (Self.mean(first), Self.mean(second)) }
    /// Number of epsilons at which the first network keeps more.
    var moreOften: Int { zip(first, second).count { $0 > $1 } }

    /// - Returns: nil if nothing was attacked, the strengths differ in number, or a network is right about no unchanged image.
    init?(_ first: AttackOutcomes, _ second: AttackOutcomes) {
        let others = Set(second.indices)
        let common = first.indices.filter(others.contains)
        guard first.attacked.count == second.attacked.count,
            let ofFirst = Parts(first.restricted(to: common)), let ofSecond = Parts(second.restricted(to: common))
        else { return nil }
        self.first = ofFirst.kept
        self.second = ofSecond.kept
        let difference = Self.mean(ofFirst.kept) - Self.mean(ofSecond.kept)
        let differences = zip(ofFirst.byImage, ofSecond.byImage).map { difference + $0 - $1 }
        interval = differences.allSatisfy { $0 == differences.first } ? nil : .mean(of: differences)
    }

    /// The kept shares of one network.
    private struct Parts {
        /// The kept share at each epsilon.
        let kept: [Double]
        /// The part of each image in the error of the mean.
        let byImage: [Double]

        init?(_ outcomes: AttackOutcomes) {
            let right = outcomes.unchanged.count { $0 }
            guard right > 0, !outcomes.attacked.isEmpty else { return nil }
            let accuracy = Double(right) / Double(outcomes.unchanged.count)
            let kept = outcomes.attacked.map { attacked in Double(attacked.count { $0 }) / Double(right) }
            self.kept = kept
            byImage = outcomes.unchanged.indices.map { image in
                let unchanged = outcomes.unchanged[image] ? 1.0 : 0
                return KeptAccuracy.mean(
                    zip(outcomes.attacked, kept).map { attacked, share in
                        ((attacked[image] ? 1 : 0) - share * unchanged) / accuracy
                    })
            }
        }
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}

/// Whether a network is right about each image, unchanged and attacked.
struct AttackOutcomes: Sendable {
    /// The images, by their indices in the set.
    let indices: [Int]
    /// Whether the likeliest class of each unchanged image is the right one.
    let unchanged: [Bool]
    /// The same under each attack, without recompression: epsilons x images.
    let attacked: [[Bool]]

    /// The outcomes of some of the images, given and ordered by their indices in the set.
    func restricted(to wanted: [Int]) -> AttackOutcomes {
        let places = Dictionary(zip(indices, indices.indices)) { first, _ in first }
        let kept = wanted.compactMap { places[$0] }
        return AttackOutcomes(
            indices: kept.map { indices[$0] }, unchanged: kept.map { unchanged[$0] },
            attacked: attacked.map { right in kept.map { right[$0] } })
    }
}
