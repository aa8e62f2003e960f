/// Parameters, and multiply-accumulates per image.
///
/// Counted as in the ResNet papers, where one multiply-accumulate is called one FLOP: convolutions and linear
/// layers count (the gates' too), batch norm, pooling, ReLU and additions do not. Parameters are weights and
/// biases, batch norm's included; running statistics are not parameters.
public struct Cost: Sendable, Hashable, Codable {
    /// Weights and biases.
    public var parameters: Int
    /// Multiply-accumulates per image.
    public var macs: Int

    /// Makes a cost of these figures.
    public init(parameters: Int = 0, macs: Int = 0) {
        self.parameters = parameters
        self.macs = macs
    }

    /// The cost of nothing.
    public static let zero = Cost()

    /// The cost of both.
    public static func + (first: Cost, second: Cost) -> Cost {
        Cost(parameters: first.parameters + second.parameters, macs: first.macs + second.macs)
    }

    /// Adds a cost.
    public static func += (first: inout Cost, second: Cost) { first = first + second }

    /// A convolution without bias, and the batch norm after it.
    init(_ convolution: ConvolutionSettings) {
        self.init(
            parameters: convolution.weightCount + 2 * convolution.outputChannels, macs: convolution.macs)
    }

    /// A linear layer with bias.
    init(linear inputs: Int, _ outputs: Int) {
        self.init(parameters: (inputs + 1) * outputs, macs: inputs * outputs)
    }

    /// Two linear layers with bias, and the batch norm between them.
    init(_ gate: Gate) {
        self = Cost(linear: gate.inputChannels, gate.hidden) + Cost(linear: gate.hidden, 2)
        parameters += 2 * gate.hidden
    }
}

/// The cost of one residual block, split into the parts that are paid under different conditions.
public struct BlockCost: Sendable, Hashable, Codable {
    /// The block's name, `layer1.0`.
    public let name: String
    /// Paid for images whose gate is open; always, if there is no gate.
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

/// What a network costs: parameters, and multiply-accumulates per image. See ``Cost`` for what counts.
public struct NetworkCost: Sendable, Hashable, Codable {
    /// The stem's convolution.
    public let stem: Cost
    /// The blocks' costs, in the order of ``Architecture/blocks``.
    public let blocks: [BlockCost]
    /// The classifier.
    public let head: Cost
    /// All parameters.
    public let parameters: Int
    /// Multiply-accumulates per image with every gate evaluated and open.
    public let macs: Int
    /// The gates' share of ``macs``.
    public let gateMACs: Int

    /// Adds up what an architecture costs.
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
    ///   - open: One value per gated block, in the order of ``Architecture/gatedBlocks``; any other number of values is a
    ///     programming error, which stops the program.
    ///   - gatesEvaluated: Whether the gates made the decisions. Decisions from outside cost nothing.
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
    /// The network's parameters and multiply-accumulates. Computed on each access.
    public var cost: NetworkCost { NetworkCost(self) }
}
