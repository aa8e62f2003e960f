import ConvNetAIGReport

extension RouteStudy {
    /// How two networks' predictions compare on the same images.
    ///
    /// - Parameter other: of the same set, with the same limit. An image that either of the two lacks, because it could not
    ///   be read, is left out of ``PairedOutcomes/counts``.
    public func paired(with other: RouteStudy) -> PairedOutcomes { PairedOutcomes(self, other) }
}

/// Two networks' predictions for the same images.
public struct PairedOutcomes: Sendable {
    /// How often each of them is right.
    public let counts: PairedCounts
    /// Images that were asked for, but that not both classified.
    public let leftOut: Int

    init(_ first: RouteStudy, _ second: RouteStudy) {
        let others = Dictionary(second.outcomes.map { ($0.index, $0.isRight) }) { first, _ in first }
        var counts = PairedCounts()
        for outcome in first.outcomes {
            guard let other = others[outcome.index] else { continue }
            counts.add(first: outcome.isRight, second: other)
        }
        self.counts = counts
        leftOut = max(first.asked, second.asked) - counts.count
    }
}

extension RouteStudy {
    /// Images that were asked for.
    fileprivate var asked: Int { outcomes.count + failures.count }
}

extension ComparisonFigures {
    init(first: String, second: String, _ outcomes: PairedOutcomes) {
        self.init(first: first, second: second, counts: outcomes.counts, leftOut: outcomes.leftOut)
    }
}
