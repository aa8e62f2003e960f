import ConvNetAIG
import Terminal

/// The output of `aig cost`, and of `aig inspect` for weights that fit.
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
    /// The gates of the given graph, a digit each, and its cost, gates included.
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

extension CostReport {
    /// The report as text.
    ///
    /// - Parameter open: the gates of the given graph.
    func lines(_ architecture: Architecture, open: [Bool]? = nil) -> [String] {
        let hasGates = gatedBlocks > 0
        // Only what the network has gets columns.
        let hasShortcuts = blocks.contains { $0.shortcut.macs > 0 }
        let parts = ["branch"] + (hasShortcuts ? ["shortcut"] : []) + (hasGates ? ["gate"] : [])
        func cells(_ block: Block, _ part: KeyPath<Cost, Int>) -> [String] {
            // Blocks without a gate or a projection show a dash, as they have no such part.
            let shortcut = block.shortcut.macs > 0 ? block.shortcut[keyPath: part].grouped : "-"
            let gate = block.gated ? block.gate[keyPath: part].grouped : "-"
            return [block.branch[keyPath: part].grouped] + (hasShortcuts ? [shortcut] : [])
                + (hasGates ? [gate] : [])
        }

        var table = TextTable(
            [.left, .left] + parts.flatMap { _ in [TextTable.Alignment.right, .right] } + [.left])
        let blank = [String](repeating: "", count: parts.count - 1)
        table.append(["", "", "parameters"] + blank + ["MACs"] + blank)
        table.append(["layer", "output"] + parts + parts + (open == nil ? [] : ["runs"]))
        let stemShape = architecture.stemOutput.afterPooling
        table.append(
            [
                "stem", [stemShape.channels, stemShape.height, stemShape.width].extents,
                stem.parameters.grouped,
            ] + blank
                + [stem.macs.grouped] + blank + (open == nil ? [] : ["■"]))
        var rest = open?[...]
        for (block, layer) in zip(blocks, architecture.blocks) {
            let runs = block.gated ? rest?.popFirst() ?? true : true
            table.append(
                [block.name, [layer.outputChannels, layer.outputHeight, layer.outputWidth].extents]
                    + cells(block, \.parameters) + cells(block, \.macs)
                    + (open == nil ? [] : [runs ? "■" : "□"]))
        }
        table.append(
            ["head", classes.grouped, head.parameters.grouped] + blank + [head.macs.grouped] + blank
                + (open == nil ? [] : ["■"]))

        var totals = TextTable([.left, .right, .left])
        totals.append(["parameters", parameters.grouped])
        totals.append(["MACs", macs.grouped, hasGates ? "with every gate open" : ""])
        if hasGates {
            totals.append(["of these, gates", gateMacs.grouped, share(gateMacs)])
        }
        if let executedMacs {
            totals.append([
                "MACs of the graph", executedMacs.grouped,
                share(executedMacs) + (hasGates ? ", gates included" : ""),
            ])
        }
        let tableLines = table.lines
        return [Console.bold(architecture.summary), ""] + tableLines.prefix(2).map(Console.faint)
            + tableLines.dropFirst(2) + [""] + totals.lines
    }

    private func share(_ part: Int) -> String { (Double(part) / Double(max(macs, 1))).percentage }
}

extension Architecture {
    /// A line for the user: the name and the sizes.
    var summary: String {
        let gated = gatedBlocks.count
        let gates = gated == 0 ? "without gates" : gated == blockCount ? "all gated" : "\(gated) gated"
        return "\(name.printable()): \(blockCount.counted("block")), \(gates), "
            + "\([input.channels, input.height, input.width].extents) in, \(classes.grouped) "
            + (classes == 1 ? "class" : "classes") + " out"
    }
}
