/// What a picture may cost, as a share of the dense network with all its gates: 1 runs every block.
public struct MACBudget: Sendable, Hashable, Codable {
    /// Whose cost is held to the budget.
    public enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
        /// That of many pictures, on average.
        case mean
        /// That of every picture. Pictures like those of the calibration keep to it; others may exceed it.
        case image
    }

    /// In 0...1.
    public var share: Double
    public var scope: Scope

    public init(share: Double, scope: Scope = .mean) {
        self.share = share
        self.scope = scope
    }
}

extension BudgetCalibration {
    /// The thresholds that keep to a budget.
    ///
    /// - Returns: a log-odds value for each gated block.
    /// - Throws: ``GatePolicyError/budgetOutOfRange(_:)``, or ``GatePolicyError/budgetTooSmall(_:least:)`` if the network
    ///   costs more with every gate as closed as it was measured.
    public func thresholds(for budget: MACBudget) throws(GatePolicyError) -> [Float] {
        guard budget.share > 0, budget.share <= 1 else { throw .budgetOutOfRange(budget.share) }
        switch budget.scope {
        case .mean: return try meanThresholds(budget.share)
        case .image:
            // In between, nothing is known of the picture that costs most.
            guard let position = positions.last(where: { $0.largestShare <= budget.share }) else {
                let least = positions.map(\.largestShare).min() ?? 1
                throw .budgetTooSmall(budget.share, least: least)
            }
            return position.thresholds
        }
    }

    private func meanThresholds(_ share: Double) throws(GatePolicyError) -> [Float] {
        guard let above = positions.firstIndex(where: { $0.share >= share }) else {
            guard let last = positions.last else { throw .notCalibrated }
            return last.thresholds
        }
        let upper = positions[above]
        guard upper.share > share else { return upper.thresholds }
        guard above > 0 else { throw .budgetTooSmall(share, least: upper.share) }
        let lower = positions[above - 1]
        let weight = Float((share - lower.share) / (upper.share - lower.share))
        return zip(lower.thresholds, upper.thresholds).map { $0 + weight * ($1 - $0) }
    }
}
