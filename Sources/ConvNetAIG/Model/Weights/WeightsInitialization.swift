import Foundation

extension Weights {
    /// Untrained weights, a function of only the seed and the architecture.
    ///
    /// - Convolutions, and the gates' first layers, are normal with variance 2 / (kernel² x output channels) (He et al., arXiv
    ///   1502.01852, fan out).
    /// - Batch norm is the identity (weight 1, bias 0, mean 0, variance 1), except for the last one of each branch, whose
    ///   weight is 0.2: without measured running statistics, activations would otherwise grow by a factor per block and leave
    ///   Float's range in deep networks.
    /// - A gate's second layer is normal with standard deviation 0.001, with the biases 0.1 and 2, so that about 85 % of the
    ///   gates open when sampled (arXiv 1711.11503).
    /// - Linear layers and the biases of gates' first layers are uniform within 1 / sqrt(inputs), as in PyTorch.
    public static func random(for architecture: Architecture, seed: UInt64) -> Weights {
        Weights(unchecked: architecture, storage: random(for: architecture, seed: seed) { _ in true })
    }

    /// The untrained tensors whose names `isIncluded` selects. Each tensor has a stream of random numbers of its own, so its
    /// values do not depend on the selection.
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
            storage[name] = .array(values)
        }
        return storage
    }

    /// Untrained weights to start training from: those of ``random(for:seed:)``, but with 1 for every batch norm's weight, since
    /// training normalises batches by their own statistics.
    public static func initial(for architecture: Architecture, seed: UInt64) -> Weights {
        let storage = random(for: architecture, seed: seed) { _ in true }
        let isScale = { (name: String) in
            name.hasSuffix(".weight") && (name.contains("bn") || name.hasSuffix("shortcut.1.weight"))
        }
        var weights = storage
        for (name, shape) in layout(of: architecture) where isScale(name) {
            weights[name] = .array([Float](repeating: 1, count: shape.reduce(1, *)))
        }
        return Weights(unchecked: architecture, storage: weights)
    }

    /// The start of another network's training: tensors that both networks have are kept; new gates, and a classifier for
    /// another number of classes, are untrained.
    ///
    /// - Parameters:
    ///   - architecture: The other network, such as the same one with gates or for other classes.
    ///   - seed: The seed of the untrained tensors.
    /// - Throws: ``WeightsError/mismatch(_:)`` if any other tensor is missing or has another shape.
    public func transferred(to architecture: Architecture, seed: UInt64) throws -> Weights {
        let own = try self.tensors()
        let untrained = try Self.initial(for: architecture, seed: seed).tensors()
        func mayBeginUntrained(_ name: String) -> Bool { KeyDialect.isGate(name) || name.hasPrefix("linear.") }
        // All others are kept, whether they fit or not: the check of the weights says what is wrong with each.
        var tensors = own.filter { !mayBeginUntrained($0.key) }
        for (name, shape) in Self.layout(of: architecture) where mayBeginUntrained(name) {
            tensors[name] = own[name]?.shape == shape ? own[name] : untrained[name]
        }
        return try Weights(architecture: architecture, tensors: tensors)
    }
}
