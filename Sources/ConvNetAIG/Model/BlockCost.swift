/// The cost of one residual block, split by what decides whether it is paid.
public struct BlockCost: Sendable, Hashable, Codable {
    /// The block's name, `layer1.0`.
    public let name: String
    /// Paid for the images whose gate is open, or always if there is no gate.
    public let branch: Cost
    /// Always paid; zero unless the shortcut is a projection.
    public let shortcut: Cost
    /// Paid when the gate is evaluated; zero if there is none.
    public let gate: Cost
    /// Whether the block has a gate.
    public let isGated: Bool

    init(_ block: ResidualBlock) {
        name = block.name
        branch = block.convolutions.reduce(.zero) { $0 + Cost($1) }
        shortcut = block.shortcutConvolution.map { Cost($0) } ?? .zero
        gate = block.gate.map { Cost($0) } ?? .zero
        isGated = block.isGated
    }

    /// Everything in the block.
    public var total: Cost { branch + shortcut + gate }
}
