extension Weights {
    /// The tensors a network has, in the order of the network, with their shapes in PyTorch's order of
    /// dimensions. Batch norm's running statistics are among them.
    ///
    /// For a block `b`: `b.conv1.weight` [out, in, k, k] and `b.bn1.weight`, `.bias`, `.running_mean`,
    /// `.running_var` [out], likewise conv2, bn2 and, in bottlenecks, conv3, bn3; for a projection
    /// `b.shortcut.0.weight` [out, in, 1, 1] and batch norm `b.shortcut.1`; for a gate `b.fc1.weight`
    /// [hidden, in, 1, 1], `b.fc1.bias` [hidden], batch norm `b.fc1bn`, `b.fc2.weight` [2, hidden, 1, 1],
    /// `b.fc2.bias` [2].
    public static func layout(of architecture: Architecture) -> [(name: String, shape: [Int])] {
        var layout: [(name: String, shape: [Int])] = []
        func batchNorm(_ name: String, _ channels: Int) {
            for suffix in ["weight", "bias", "running_mean", "running_var"] {
                layout.append(("\(name).\(suffix)", [channels]))
            }
        }
        layout.append(("conv1.weight", architecture.stemConvolution.weightShape))
        batchNorm("bn1", architecture.stem.channels)
        for block in architecture.blocks {
            for (index, convolution) in block.convolutions.enumerated() {
                layout.append(("\(block.name).conv\(index + 1).weight", convolution.weightShape))
                batchNorm("\(block.name).bn\(index + 1)", convolution.outputChannels)
            }
            if let convolution = block.shortcutConvolution {
                layout.append(("\(block.name).shortcut.0.weight", convolution.weightShape))
                batchNorm("\(block.name).shortcut.1", convolution.outputChannels)
            }
            if let gate = block.gate {
                layout.append(("\(block.name).fc1.weight", [gate.hidden, gate.inputChannels, 1, 1]))
                layout.append(("\(block.name).fc1.bias", [gate.hidden]))
                batchNorm("\(block.name).fc1bn", gate.hidden)
                layout.append(("\(block.name).fc2.weight", [2, gate.hidden, 1, 1]))
                layout.append(("\(block.name).fc2.bias", [2]))
            }
        }
        layout.append(("linear.weight", [architecture.classes, architecture.featureChannels]))
        layout.append(("linear.bias", [architecture.classes]))
        return layout
    }
}
