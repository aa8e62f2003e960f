import ConvNetAIG

extension CostReport {
    /// The report as text.
    ///
    /// - Parameter open: the gates of the graph asked about.
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

        var table = Table(
            [.left, .left] + parts.flatMap { _ in [Table.Alignment.right, .right] } + [.left])
        let blank = [String](repeating: "", count: parts.count - 1)
        table.add(["", "", "parameters"] + blank + ["MACs"] + blank)
        table.add(["layer", "output"] + parts + parts + (open == nil ? [] : ["runs"]))
        let stemShape = architecture.stemOutput.afterPooling
        table.add(
            [
                "stem", [stemShape.channels, stemShape.height, stemShape.width].extents,
                stem.parameters.grouped,
            ] + blank
                + [stem.macs.grouped] + blank + (open == nil ? [] : ["■"]))
        var rest = open?[...]
        for (block, layer) in zip(blocks, architecture.blocks) {
            let runs = block.gated ? rest?.popFirst() ?? true : true
            table.add(
                [block.name, [layer.outputChannels, layer.outputHeight, layer.outputWidth].extents]
                    + cells(block, \.parameters) + cells(block, \.macs)
                    + (open == nil ? [] : [runs ? "■" : "□"]))
        }
        table.add(
            ["head", classes.grouped, head.parameters.grouped] + blank + [head.macs.grouped] + blank
                + (open == nil ? [] : ["■"]))

        var totals = Table([.left, .right, .left])
        totals.add(["parameters", parameters.grouped])
        totals.add(["MACs", macs.grouped, hasGates ? "with every gate open" : ""])
        if hasGates {
            totals.add(["of these, gates", gateMacs.grouped, share(gateMacs)])
        }
        if let executedMacs {
            totals.add([
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
