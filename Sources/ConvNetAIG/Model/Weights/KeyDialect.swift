/// Translates the conventions by which checkpoints name tensors to that of the authors of ConvNet-AIG, which
/// ``Weights/layout(of:)`` lists.
enum KeyDialect {
    private static let statistics: Set<Substring> = ["weight", "bias", "running_mean", "running_var"]

    /// The name of a tensor in the authors' convention, or nil for a name of no known convention.
    static func canonicalName(_ name: some StringProtocol) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map { Substring($0) }
        guard parts.count >= 2, parts.count <= maximumParts else { return nil }
        switch parts[0] {
        case "conv1", "bn1": return isLayer(parts[...]) ? parts.joined(separator: ".") : nil
        // torchvision and timm call the classifier fc.
        case "linear", "fc": return isClassifier(parts[1...]) ? "linear.\(parts[1])" : nil
        case "resnet": return transformersName(parts[1...])
        case "classifier": return parts[1] == "1" && isClassifier(parts[2...]) ? "linear.\(parts[2])" : nil
        default: return blockName(parts)
        }
    }

    /// The number of parts of the longest name, `resnet.encoder.stages.0.layers.0.layer.0.convolution.weight`.
    static let maximumParts = 10

    /// `layer1.0.conv1.weight` and the like. The shortcut is `downsample` to torchvision and timm.
    private static func blockName(_ parts: [Substring]) -> String? {
        guard parts.count >= 4, parts[0].hasPrefix("layer"), number(parts[0].dropFirst(5)) != nil,
            number(parts[1]) != nil
        else { return nil }
        let block = "\(parts[0]).\(parts[1])"
        let rest = parts[2...]
        switch parts[2] {
        case "shortcut", "downsample":
            guard parts.count == 5 else { return nil }
            switch parts[3] {
            case "0": return parts[4] == "weight" ? "\(block).shortcut.0.weight" : nil
            case "1": return statistics.contains(parts[4]) ? "\(block).shortcut.1.\(parts[4])" : nil
            default: return nil
            }
        case "fc1", "fc2": return isClassifier(rest.dropFirst()) ? parts.joined(separator: ".") : nil
        case "fc1bn":
            return parts.count == 4 && statistics.contains(parts[3]) ? parts.joined(separator: ".") : nil
        default: return isLayer(rest) ? parts.joined(separator: ".") : nil
        }
    }

    /// `conv1.weight`, `bn1.running_mean` and the like.
    private static func isLayer(_ parts: ArraySlice<Substring>) -> Bool {
        guard parts.count == 2, let layer = parts.first, let kind = parts.last else { return false }
        switch layer {
        case "conv1", "conv2", "conv3": return kind == "weight"
        case "bn1", "bn2", "bn3": return statistics.contains(kind)
        default: return false
        }
    }

    private static func isClassifier(_ parts: ArraySlice<Substring>) -> Bool {
        parts.count == 1 && (parts.first == "weight" || parts.first == "bias")
    }

    /// A name of Hugging Face's transformers, from behind `resnet.`.
    private static func transformersName(_ parts: ArraySlice<Substring>) -> String? {
        /// The last two parts, which are the kind of layer and the tensor in it.
        func ending(_ convolution: String, _ normalization: String) -> String? {
            guard let kind = parts.dropLast().last, let tensor = parts.last else { return nil }
            if kind == "convolution" { return tensor == "weight" ? "\(convolution).weight" : nil }
            return kind == "normalization" && statistics.contains(tensor) ? "\(normalization).\(tensor)" : nil
        }
        let names = Array(parts)
        if names.starts(with: ["embedder", "embedder"]) { return names.count == 4 ? ending("conv1", "bn1") : nil }
        guard names.count >= 8, names[0] == "encoder", names[1] == "stages", let stage = number(names[2]),
            stage < Int.max, names[3] == "layers", let index = number(names[4])
        else { return nil }
        let block = "layer\(stage + 1).\(index)"
        if names[5] == "shortcut" {
            return names.count == 8 ? ending("\(block).shortcut.0", "\(block).shortcut.1") : nil
        }
        guard names.count == 9, names[5] == "layer", let layer = number(names[6]), layer < 3 else { return nil }
        return ending("\(block).conv\(layer + 1)", "\(block).bn\(layer + 1)")
    }

    /// Plain decimal digits without leading zeros.
    private static func number(_ text: Substring) -> Int? {
        guard let value = Int(text), value >= 0, String(value) == text else { return nil }
        return value
    }

    /// Whether a tensor is a counter of batches or averages.
    static func isCounter(_ name: String) -> Bool {
        let last = name.split(separator: ".").last
        return last == "num_batches_tracked" || last == "n_averaged"
    }

    /// Whether a tensor of that canonical name belongs to a block's gate.
    static func isGate(_ name: String) -> Bool {
        name.hasPrefix("layer")
            && (name.contains(".fc1.") || name.contains(".fc1bn.") || name.contains(".fc2."))
    }

    /// Whether a tensor of that canonical name belongs to a block's shortcut.
    static func isShortcut(_ name: String) -> Bool { name.hasPrefix("layer") && name.contains(".shortcut.") }

    /// The known architecture that has the blocks in the names, whatever the tensors' shapes, or nil if there is none.
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
