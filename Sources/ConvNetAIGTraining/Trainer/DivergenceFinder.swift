import ConvNetAIG

/// Finds the first tensor, in the order of the network, with a value that is infinite or NaN.
struct DivergenceFinder {
    let architecture: Architecture

    func firstNotFinite(in tensors: [String: Tensor]) -> String? {
        let known = Weights.layout(of: architecture).map(\.name)
        let others = Set(tensors.keys).subtracting(known).sorted()
        return (known + others).first { name in
            tensors[name]?.withUnsafeFloats { values in !values.allSatisfy(\.isFinite) } ?? false
        }
    }

    /// The part of the network that a tensor belongs to: a block's name, such as `layer2.0`, or stem or classifier.
    func block(of tensor: String) -> String {
        let parts = tensor.split(separator: ".")
        if let stage = parts.first, stage.hasPrefix("layer"), parts.count > 1 { return "block \(stage).\(parts[1])" }
        return tensor.hasPrefix("linear.") ? "the classifier" : "the stem"
    }
}
