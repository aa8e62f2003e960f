import Foundation

extension Weights {
    /// Untrained weights, a function of the seed and the architecture alone.
    ///
    /// - Convolutions are normal with variance 2 / (kernel² x output channels) (He et al., arXiv 1502.01852,
    ///   fan out), the gates' first layers too.
    /// - Batch norm is the identity (weight 1, bias 0, mean 0, variance 1), but for the last one of each
    ///   branch, whose weight is 0.2: the activations of a network whose running statistics are not measured
    ///   yet would otherwise grow by a factor per block and leave Float's range in deep networks.
    /// - A gate's second layer is normal with standard deviation 0.001 and has the biases 0.1 and 2, so that
    ///   about 85 % of the gates open when sampled (arXiv 1711.11503).
    /// - Linear layers and the biases of gates' first layers are uniform within 1 / sqrt(inputs), as
    ///   PyTorch's.
    public static func random(for architecture: Architecture, seed: UInt64) -> Weights {
        Weights(unchecked: architecture, storage: random(for: architecture, seed: seed) { _ in true })
    }

    /// The random tensors among those of the architecture that `isIncluded` picks by name. Each tensor has
    /// its own stream of numbers, so what is picked changes nothing in the others.
    static func random(
        for architecture: Architecture, seed: UInt64, where isIncluded: (String) -> Bool
    ) -> [String: Storage] {
        let lastBatchNorm = "bn\(architecture.blockKind.convolutionCount)"
        var storage: [String: Storage] = [:]
        var inputs = 1
        for (index, entry) in layout(of: architecture).enumerated() {
            let (name, shape) = entry
            // A bias follows the weights of its layer.
            if shape.count > 1 { inputs = shape[1...].reduce(1, *) }
            guard isIncluded(name) else { continue }
            let stream = RandomStream(seed: seed, stream: UInt32(truncatingIfNeeded: index))
            let count = shape.reduce(1, *)
            let bound = 1 / Float(inputs).squareRoot()
            let parts = name.split(separator: ".")
            let (layer, kind) = (parts.dropLast().last ?? "", parts.last ?? "")
            let values: [Float] =
                switch (layer, kind) {
                case ("fc2", "weight"):
                    stream.normal(count: count, standardDeviation: 0.001)
                case ("fc2", _):
                    [0.1, 2]
                case ("linear", _), ("fc1", "bias"):
                    stream.uniform(count: count, in: -bound..<bound)
                case _ where shape.count == 4:
                    stream.normal(
                        count: count,
                        standardDeviation: (2 / Float(shape[0] * shape[2] * shape[3])).squareRoot())
                case (_, "weight"):
                    [Float](
                        repeating: layer == lastBatchNorm && name.hasPrefix("layer") ? 0.2 : 1, count: count)
                case (_, "running_var"):
                    [Float](repeating: 1, count: count)
                default:
                    [Float](repeating: 0, count: count)
                }
            storage[name] = .owned(values)
        }
        return storage
    }
}
