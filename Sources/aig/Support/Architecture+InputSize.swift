import ConvNetAIG

extension Architecture {
    /// The same network for images of another size. Its weights are the same: none depends on the size.
    ///
    /// - Throws: `ArchitectureError` if the size is too large, or too small for the stem's kernel.
    func with(height: Int, width: Int) throws(ArchitectureError) -> Architecture {
        try Architecture(
            name: name, input: FeatureShape(channels: input.channels, height: height, width: width), stem: stem,
            stages: stages, blockKind: blockKind, shortcut: shortcut, gateHidden: gateHidden,
            ungatedBlocks: ungatedBlocks, classes: classes)
    }

    /// A line for the user: the name and the sizes.
    var summary: String {
        let gated = gatedBlocks.count
        let gates = gated == 0 ? "without gates" : gated == blockCount ? "all gated" : "\(gated) gated"
        return "\(name.printable()): \(blockCount.counted("block")), \(gates), "
            + "\([input.channels, input.height, input.width].extents) in, \(classes.grouped) "
            + (classes == 1 ? "class" : "classes") + " out"
    }

    /// A drawing of a graph: a filled square per block that runs and an empty one per block that does not,
    /// the stages set apart.
    func route(_ executed: [Bool]) -> String {
        var rest = executed[...]
        return stages.map { stage in
            defer { rest = rest.dropFirst(stage.blocks) }
            return rest.prefix(stage.blocks).map { $0 ? "■" : "□" }.joined()
        }.joined(separator: " ")
    }
}
