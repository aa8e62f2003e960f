import ConvNetAIGReport

/// How much of its accuracy a network keeps under attack, against another on the same images.
///
/// The share kept is the accuracy under an attack over that on the unchanged images. Both are of the same images, and so
/// are those of the other network and of every epsilon; so the interval is that of a mean over images, of what each adds to
/// the difference: with accuracies p of the unchanged images and kept shares r, (a - r u) / p for an image that is right
/// (1) or wrong (0) as u unchanged and a attacked, averaged over the epsilons, less the same for the other network. This is
/// the linear approximation of a ratio's error (Cochran 1977, *Sampling Techniques*, chapter 6).
struct KeptAccuracy {
    /// The share that each network keeps at each epsilon.
    let first: [Double]
    let second: [Double]
    /// The 95 % interval of the difference of their means; nil for too few images, and where none of them tells the
    /// networks apart.
    let interval: ConfidenceInterval?

    /// Of the means over the epsilons.
    var difference: Double { Self.mean(first) - Self.mean(second) }
    /// The mean over the epsilons.
    var means: (first: Double, second: Double) { (Self.mean(first), Self.mean(second)) }
    /// Epsilons at which the first network keeps more.
    var moreOften: Int { zip(first, second).count { $0 > $1 } }

    /// - Returns: nil where nothing was attacked, not in the same strengths, or where a network is right about no unchanged
    ///   image.
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

    /// What one network keeps.
    private struct Parts {
        /// At each epsilon.
        let kept: [Double]
        /// What each image adds to the error of the mean.
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
