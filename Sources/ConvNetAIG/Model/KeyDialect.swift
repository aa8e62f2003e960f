/// The conventions by which checkpoints name tensors, brought to one.
enum KeyDialect {
    /// The name of a tensor in the authors' convention, or nil for one that carries no weights.
    static func canonicalName(_ name: String) -> String? {
        if name.hasSuffix("num_batches_tracked") { return nil }
        // DataParallel puts the prefix there.
        var name = name.hasPrefix("module.") ? String(name.dropFirst("module.".count)) : name
        // torchvision. Its classifier is `fc` at the top level; the gates' `fc1` and `fc2` are inside blocks.
        if name == "fc.weight" || name == "fc.bias" { return "linear" + name.dropFirst("fc".count) }
        if let range = name.firstRange(of: ".downsample.") { name.replaceSubrange(range, with: ".shortcut.") }
        return name
    }

    /// Whether a tensor of that canonical name belongs to a block's gate.
    static func isGate(_ name: String) -> Bool {
        name.hasPrefix("layer")
            && (name.contains(".fc1.") || name.contains(".fc1bn.") || name.contains(".fc2."))
    }

    /// Whether a tensor of that canonical name belongs to a block's shortcut.
    static func isShortcut(_ name: String) -> Bool { name.hasPrefix("layer") && name.contains(".shortcut.") }

    /// The known architecture whose blocks are those in the names, whatever the tensors' shapes; nil if there
    /// is none.
    static func resemblingArchitecture(_ names: some Sequence<String>) -> String? {
        var blocks: [Int: Set<Int>] = [:]
        var isBottleneck = false
        var isAdaptive = false
        for name in names {
            let parts = name.split(separator: ".", maxSplits: 3)
            guard parts.count >= 3, parts[0].hasPrefix("layer"), let stage = Int(parts[0].dropFirst(5)),
                let block = Int(parts[1])
            else { continue }
            blocks[stage, default: []].insert(block)
            if parts[2] == "conv3" { isBottleneck = true }
            if parts[2] == "fc1" { isAdaptive = true }
        }
        let counts = blocks.sorted { $0.key < $1.key }.map(\.value.count)
        guard let count = counts.first, blocks.keys.sorted() == Array(1...counts.count) else { return nil }
        var names = Architecture.knownNames
        if counts.count == 3, count <= Architecture.maximumBlocks {
            let depth = 6 * count + 2
            names += ["resnet-cifar-\(depth)", "convnet-aig-cifar-\(depth)"]
        }
        return names.first { name in
            guard let known = try? Architecture(named: name) else { return false }
            return known.stages.map(\.blocks) == counts && known.isAdaptive == isAdaptive
                && (known.blockKind == .bottleneck) == isBottleneck
        }
    }
}
