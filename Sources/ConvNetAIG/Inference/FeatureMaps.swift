/// Feature maps of a network's blocks, to look at or to build on.
extension Session {
    /// Runs the network up to a block and gives the block's output, as the next block reads it.
    ///
    /// An image that skips the block has the shortcut alone: of an identity shortcut, the block's input unchanged.
    ///
    /// - Parameters:
    ///   - input: Images x channels x height x width, normalised.
    ///   - block: Index of the block in ``Architecture/blocks``.
    ///   - policy: How the gates decide.
    ///   - firstImage: Number of the first image in the caller's count, for the random draws of a policy.
    /// - Returns: Images x channels x height x width of the block's output, after its ReLU.
    /// - Throws: ``SessionError`` if there is no such block, or the input has another shape or values that are not finite;
    ///   ``GatePolicyError`` if the policy does not fit the network, and `OpenCLError` for what the device reports.
    public func featureMaps(
        _ input: Tensor, ofBlock block: Int, policy: GatePolicy = .argmax, firstImage: Int = 0
    ) throws -> Tensor {
        try featureMaps(input, ofBlock: block, policy, firstImage: firstImage, cancellation: nil)
    }

    /// Runs the network up to the block of a name and gives the block's output.
    ///
    /// - Parameters:
    ///   - input: Images x channels x height x width, normalised.
    ///   - name: Name of the block, see ``ResidualBlock/name``: `layer1.0`.
    ///   - policy: How the gates decide.
    ///   - firstImage: Number of the first image in the caller's count, for the random draws of a policy.
    /// - Returns: Images x channels x height x width of the block's output, after its ReLU.
    /// - Throws: As the other form.
    public func featureMaps(
        _ input: Tensor, ofBlock name: String, policy: GatePolicy = .argmax, firstImage: Int = 0
    ) throws -> Tensor {
        try featureMaps(
            input, ofBlock: blockIndex(named: name), policy, firstImage: firstImage, cancellation: nil)
    }

    /// Runs the network up to a block without blocking the calling task's thread, and gives the block's output.
    ///
    /// - Throws: As the synchronous form, and `CancellationError` if the task is cancelled, also between two batches.
    public func featureMaps(
        _ input: Tensor, ofBlock block: Int, policy: GatePolicy = .argmax, firstImage: Int = 0
    ) async throws -> Tensor {
        try await offThread(on: waiting) { cancellation in
            try self.featureMaps(
                input, ofBlock: block, policy, firstImage: firstImage, cancellation: cancellation)
        }
    }

    /// Runs the network up to the block of a name without blocking the calling task's thread, and gives the block's
    /// output.
    ///
    /// - Throws: As the synchronous form, and `CancellationError` if the task is cancelled, also between two batches.
    public func featureMaps(
        _ input: Tensor, ofBlock name: String, policy: GatePolicy = .argmax, firstImage: Int = 0
    ) async throws -> Tensor {
        try await featureMaps(input, ofBlock: blockIndex(named: name), policy: policy, firstImage: firstImage)
    }

    private func featureMaps(
        _ input: Tensor, ofBlock block: Int, _ policy: GatePolicy, firstImage: Int, cancellation: Cancellation?
    ) throws -> Tensor {
        let blocks = architecture.blocks
        guard blocks.indices.contains(block) else { throw unknownBlock("\(block)") }
        try validate(input, policy)
        let shape = blocks[block].output
        var values: [Float] = []
        values.reserveCapacity(input.shape[0] * shape.count)
        try forEachBatch(input, policy, firstImage: firstImage, cancellation) { images, count, table in
            values += try engine.featureMaps(ofBlock: block, images, count: count, table)
        }
        return try Tensor(shape: [input.shape[0], shape.channels, shape.height, shape.width], values: values)
    }

    private func blockIndex(named name: String) throws(SessionError) -> Int {
        guard let index = architecture.blocks.firstIndex(where: { $0.name == name }) else { throw unknownBlock(name) }
        return index
    }

    private func unknownBlock(_ block: String) -> SessionError {
        .unknownBlock(block, known: architecture.blocks.map(\.name))
    }
}
