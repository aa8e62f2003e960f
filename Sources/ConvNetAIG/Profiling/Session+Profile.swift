extension Session {
    /// Runs one batch and measures where its time goes.
    ///
    /// The first batches of a session are slower than those that follow: run some before, and take the median of several
    /// profiles with ``Profile/median(_:)``.
    ///
    /// - Parameters:
    ///   - input: 1 to ``batch`` images x channels x height x width, normalised.
    ///   - policy: how gates decide.
    ///   - firstImage: see ``predict(_:policy:candidates:firstImage:)-(Tensor,_,_,_)``.
    /// - Throws: ``BackendError/noProfile(device:)`` if the session was made without `profiling`, ``SessionError``,
    ///   ``GatePolicyError`` or `OpenCLError`.
    public func profile(
        _ input: Tensor, policy: GatePolicy = .argmax, firstImage: Int = 0
    ) throws -> Profile {
        try validate(input, policy)
        let policy = try resolved(policy)
        let images = input.shape[0]
        guard (1...batch).contains(images) else { throw SessionError.notOneBatch(images: images, batch: batch) }
        let table = GateTable(policy, gates: gatedBlocks.count, images: images, firstImage: firstImage)
        let recorded = try input.withUnsafeFloats { values in
            try validate(values, firstImage: firstImage)
            return try engine.record(values, count: images, table)
        }
        return Profile(self, recorded, images: images, asksGates: policy.asksGates)
    }
}
