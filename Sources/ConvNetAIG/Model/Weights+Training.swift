extension Weights {
    /// Untrained weights as training starts from: those of ``random(for:seed:)``, but with every batch norm's weight 1, since
    /// batches are normalised by their own statistics there.
    public static func initial(for architecture: Architecture, seed: UInt64) -> Weights {
        let storage = random(for: architecture, seed: seed) { _ in true }
        let isScale = { (name: String) in
            name.hasSuffix(".weight") && (name.contains("bn") || name.hasSuffix("shortcut.1.weight"))
        }
        var weights = storage
        for (name, shape) in layout(of: architecture) where isScale(name) {
            weights[name] = .owned([Float](repeating: 1, count: shape.reduce(1, *)))
        }
        return Weights(unchecked: architecture, storage: weights)
    }

    /// These weights as the beginning of another network's training: tensors that both have are taken over, gates and a
    /// classifier for other classes begin untrained.
    ///
    /// - Parameters:
    ///   - architecture: such as the same network with gates, or for other classes.
    ///   - seed: of what begins untrained.
    /// - Throws: ``WeightsError/mismatch(_:)`` if anything else is missing or has another shape.
    public func transferred(to architecture: Architecture, seed: UInt64) throws -> Weights {
        let own = try self.tensors()
        let untrained = try Self.initial(for: architecture, seed: seed).tensors()
        func mayBeginUntrained(_ name: String) -> Bool { KeyDialect.isGate(name) || name.hasPrefix("linear.") }
        // Everything else comes along, fitting or not, so that the check of weights says what is wrong with each.
        var tensors = own.filter { !mayBeginUntrained($0.key) }
        for (name, shape) in Self.layout(of: architecture) where mayBeginUntrained(name) {
            tensors[name] = own[name]?.shape == shape ? own[name] : untrained[name]
        }
        return try Weights(architecture: architecture, tensors: tensors)
    }
}
