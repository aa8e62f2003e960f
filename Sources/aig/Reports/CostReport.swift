import ConvNetAIG

/// What `aig cost` says, and `aig inspect` of weights that fit.
struct CostReport: Encodable {
    struct Block: Encodable {
        let name: String
        let gated: Bool
        let parameters: Int
        let macs: Int
        let branch: Cost
        let shortcut: Cost
        let gate: Cost
    }

    struct Input: Encodable {
        let channels: Int
        let height: Int
        let width: Int
    }

    let architecture: String
    let input: Input
    let classes: Int
    let gatedBlocks: Int
    let parameters: Int
    let macs: Int
    let gateMacs: Int
    let stem: Cost
    let blocks: [Block]
    let head: Cost
    /// The gates of the graph asked about, a digit each, and what it costs with the gates.
    let open: String?
    let executedMacs: Int?

    /// - Parameter open: the gates of a graph, one per gated block.
    init(_ architecture: Architecture, open: [Bool]? = nil) {
        let cost = architecture.cost
        self.architecture = architecture.name
        input = Input(
            channels: architecture.input.channels, height: architecture.input.height,
            width: architecture.input.width)
        classes = architecture.classes
        gatedBlocks = architecture.gatedBlocks.count
        parameters = cost.parameters
        macs = cost.macs
        gateMacs = cost.gateMACs
        stem = cost.stem
        blocks = cost.blocks.map {
            Block(
                name: $0.name, gated: $0.isGated, parameters: $0.total.parameters, macs: $0.total.macs,
                branch: $0.branch, shortcut: $0.shortcut, gate: $0.gate)
        }
        head = cost.head
        self.open = open.map { $0.map { $0 ? "1" : "0" }.joined() }
        executedMacs = open.map { cost.executedMACs(open: $0) }
    }
}
