import ConvNetAIG

/// A small network whose gates heed their input, and images of noise to run through it.
enum StudyNetwork {
    /// Seven blocks in three stages; the third block has no gate.
    static func architecture(channels: Int = 3, isGated: Bool = true) throws -> Architecture {
        try Architecture(
            name: "study", input: .init(channels: channels, height: 12, width: 12),
            stem: .init(channels: 4, kernel: 3),
            stages: [
                .init(width: 4, blocks: 3), .init(width: 8, blocks: 2, stride: 2),
                .init(width: 12, blocks: 2, stride: 2),
            ],
            blockKind: .basic, gateHidden: isGated ? 4 : nil, ungatedBlocks: isGated ? [2] : [], classes: 5)
    }

    /// Random weights, but with gates that are as likely open as closed, branches that matter, and a classifier that is sure
    /// of itself.
    static func weights() throws -> Weights {
        let architecture = try architecture()
        var tensors = try Weights.random(for: architecture, seed: 5).tensors()
        for (index, (name, tensor)) in tensors.sorted(by: { $0.key < $1.key }).enumerated() {
            if name.hasSuffix("fc2.weight") {
                tensors[name] = try Tensor(
                    shape: tensor.shape, values: noise(tensor.values.count, seed: UInt64(index)).map { 12 * $0 - 6 })
            } else if name.hasSuffix("fc2.bias") {
                tensors[name] = try Tensor(shape: tensor.shape)
            } else if name.hasSuffix("bn2.weight") {
                // Those of random weights are so small that hardly any branch would matter to a gate.
                tensors[name] = try Tensor(
                    shape: tensor.shape, values: noise(tensor.values.count, seed: UInt64(index)).map { 1 + 2 * $0 })
            } else if name == "linear.weight" {
                tensors[name] = try Tensor(shape: tensor.shape, values: tensor.values.map { 8 * $0 })
            }
        }
        return try Weights(architecture: architecture, tensors: tensors)
    }

    /// One for each backend, for single images.
    static func session(_ backend: TestBackend) throws -> Session {
        switch backend {
        case .reference: try reference.get()
        case .openCL: try openCL.get()
        }
    }

    private static let reference = Result { try Session(weights: weights(), backend: .reference) }
    private static let openCL = Result {
        try Session(weights: weights(), backend: TestBackend.openCL.choice, goal: .memory)
    }

    /// Images of 12 x 12 pixels.
    static func images(_ count: Int) throws -> [Image] {
        try (0..<count).map { index in
            try Image(
                width: 12, height: 12, pixels: noise(12 * 12 * 3, seed: 1000 + UInt64(index)).map { UInt8(255 * $0) })
        }
    }

    /// Uniform in [0, 1).
    private static func noise(_ count: Int, seed: UInt64) -> [Float] {
        let generator = Philox4x32(seed: seed)
        return (0..<count).map { Philox4x32.uniform(generator(counter: (UInt32($0), 0, 0, 0)).0) }
    }
}
