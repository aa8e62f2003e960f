/// What an image may cost, as a share of the dense network with all its gates: 1 runs every block.
public struct MACBudget: Sendable, Hashable, Codable {
    /// Whose cost is held to the budget.
    public enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
        /// That of many images, on average.
        case mean
        /// That of every image. Images like those of the calibration keep to it; others may exceed it.
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
