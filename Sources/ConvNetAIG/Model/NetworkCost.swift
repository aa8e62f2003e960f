/// What a network costs: parameters, and multiply-accumulates per image. See ``Cost`` for what counts.
public struct NetworkCost: Sendable, Hashable, Codable {
    public let stem: Cost
    /// In the order of ``Architecture/blocks``.
    public let blocks: [BlockCost]
    /// The classifier.
    public let head: Cost
    /// All parameters.
    public let parameters: Int
    /// Multiply-accumulates per image with every gate evaluated and open.
    public let macs: Int
    /// The gates' share of ``macs``.
    public let gateMACs: Int

    public init(_ architecture: Architecture) {
        stem = Cost(architecture.stemConvolution)
        blocks = architecture.blocks.map { BlockCost($0) }
        head = Cost(linear: architecture.featureChannels, architecture.classes)
        let total = blocks.reduce(stem + head) { $0 + $1.total }
        parameters = total.parameters
        macs = total.macs
        gateMACs = blocks.reduce(0) { $0 + $1.gate.macs }
    }

    /// Multiply-accumulates for one image, given which gates were open: stem, shortcuts, head, the branches
    /// without a gate, the branches whose gate was open and, if they were evaluated, all gates.
    ///
    /// - Parameters:
    ///   - open: One value per gated block, in the order of ``Architecture/gatedBlocks``. Another number of
    ///     values is a programming error and stops the program.
    ///   - gatesEvaluated: Whether the decisions came from the gates, rather than from outside.
    public func executedMACs(open: [Bool], gatesEvaluated: Bool = true) -> Int {
        var macs = stem.macs + head.macs + (gatesEvaluated ? gateMACs : 0)
        var gate = 0
        for block in blocks {
            macs += block.shortcut.macs
            if block.isGated {
                precondition(gate < open.count, "executedMACs(open:) takes one decision per gated block")
                if open[gate] { macs += block.branch.macs }
                gate += 1
            } else {
                macs += block.branch.macs
            }
        }
        precondition(gate == open.count, "executedMACs(open:) takes one decision per gated block")
        return macs
    }
}

extension Architecture {
    /// What the network costs. Computed on each access.
    public var cost: NetworkCost { NetworkCost(self) }
}
