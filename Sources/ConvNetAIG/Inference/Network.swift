/// An architecture with its weights on a backend, planned for batches of up to `capacity` images.
///
/// The feature map of a stage exists once: a block with an identity shortcut adds its branch to it in place. An image
/// that skips the block is left alone, so that skipping costs nothing at all.
final class Network<B: Backend> {
    /// How a block's input becomes the sum that its branch adds to.
    enum Shortcut {
        /// The output is the input, in place.
        case identity
        case projection(B.Convolution)
        case zeroPadded(ZeroPaddedShortcutSettings)
    }

    /// A convolution of a branch, and what it reads and writes.
    struct Step {
        let convolution: B.Convolution
        let input: B.FeatureMaps
        let output: B.FeatureMaps
    }

    struct Block {
        let input: B.FeatureMaps
        let output: B.FeatureMaps
        let shortcut: Shortcut
        let branch: [Step]
        /// The block's place among all gates, and the chain it belongs to.
        let gate: (index: Int, chain: Int)?
    }

    let backend: B
    let gateCount: Int
    let input: B.FeatureMaps
    let stem: Step
    let pooling: (settings: PoolingSettings, output: B.FeatureMaps)?
    let blocks: [Block]
    let chains: [B.GateChain]
    let classifier: B.Classifier
    let decisions: B.Decisions

    /// - Throws: what the backend reports, such as too little memory.
    init(_ weights: Weights, on backend: B, capacity: Int) throws {
        let plan = NetworkPlan(weights.architecture)
        let wiring = plan.wiring
        let maps = try backend.makeFeatureMaps(plan.featureMaps, images: capacity)
        try backend.prepare(plan.operators, images: capacity)
        func makeConvolution(_ layer: NetworkWiring.Layer) throws -> B.Convolution {
            try backend.makeConvolution(
                layer.settings, weights.foldedConvolution(layer.name, layer.normalization), images: capacity)
        }

        input = maps[0]
        stem = Step(convolution: try makeConvolution(wiring.stem), input: input, output: maps[plan.stemMap])
        pooling = wiring.pooling.map { ($0, maps[plan.pooledMap]) }
        blocks = try plan.blocks.map { block in
            let shortcut: Shortcut =
                switch block.wiring.shortcut {
                case .identity: .identity
                case .projection(let layer): .projection(try makeConvolution(layer))
                case .zeroPadded(let settings): .zeroPadded(settings)
                }
            let sources = [block.maps.input] + block.maps.branch
            let branch = try block.wiring.branch.enumerated().map { index, layer in
                Step(
                    convolution: try makeConvolution(layer), input: maps[sources[index]],
                    output: maps[block.maps.branch[index]])
            }
            return Block(
                input: maps[block.maps.input], output: maps[block.maps.output], shortcut: shortcut, branch: branch,
                gate: block.gate)
        }
        chains = try plan.chains.map { chain in
            try backend.makeGateChain(
                chain.settings, firstGate: chain.firstGate, chain.blockNames.map { try weights.foldedGate($0) },
                images: capacity)
        }
        classifier = try backend.makeClassifier(
            wiring.classifier,
            LinearWeights(weights: try weights.floats("linear.weight"), bias: try weights.floats("linear.bias")),
            images: capacity)
        gateCount = wiring.gateCount
        decisions = try backend.makeDecisions(gates: wiring.gateCount, images: capacity)
        self.backend = backend
    }

    /// The classifier's input.
    var lastFeatures: B.FeatureMaps { blocks.last?.output ?? pooling?.output ?? stem.output }
}

// MARK: Weights with batch norm folded in

/// Batch norm with running statistics is a scale and a shift per channel, which belong into the layer before it:
/// scale = gamma / sqrt(variance + epsilon), shift = beta - scale * mean (Ioffe & Szegedy 2015).
extension Weights {
    /// PyTorch's default, and the authors'.
    static var batchNormEpsilon: Float { 1e-5 }

    func scaleAndShift(_ norm: String) throws -> (scale: [Float], shift: [Float]) {
        let gamma = try floats("\(norm).weight")
        let beta = try floats("\(norm).bias")
        let mean = try floats("\(norm).running_mean")
        let variance = try floats("\(norm).running_var")
        let scale = gamma.indices.map { gamma[$0] / (variance[$0] + Self.batchNormEpsilon).squareRoot() }
        return (scale, scale.indices.map { beta[$0] - scale[$0] * mean[$0] })
    }

    /// A convolution without bias and the batch norm behind it, as one convolution with bias.
    func foldedConvolution(_ convolution: String, _ norm: String) throws -> ConvolutionWeights {
        let (scale, shift) = try scaleAndShift(norm)
        let folded = try withUnsafeFloats("\(convolution).weight") { weights in
            let perOutput = weights.count / scale.count
            return [Float](unsafeUninitializedCapacity: weights.count) { folded, count in
                for output in scale.indices {
                    let factor = scale[output]
                    for index in output * perOutput..<(output + 1) * perOutput {
                        folded.initializeElement(at: index, to: weights[index] * factor)
                    }
                }
                count = weights.count
            }
        }
        return ConvolutionWeights(weights: folded, bias: shift)
    }

    /// A block's gate: `fc1`, `fc1bn` and `fc2` in the authors' names.
    func foldedGate(_ block: String) throws -> GateWeights {
        let (scale, shift) = try scaleAndShift("\(block).fc1bn")
        let fc1 = try floats("\(block).fc1.weight")
        let fc1Bias = try floats("\(block).fc1.bias")
        let channels = fc1.count / scale.count
        let fc2 = try floats("\(block).fc2.weight")
        let fc2Bias = try floats("\(block).fc2.bias")
        let hidden = scale.count
        return GateWeights(
            fc1: fc1.indices.map { fc1[$0] * scale[$0 / channels] },
            fc1Bias: scale.indices.map { fc1Bias[$0] * scale[$0] + shift[$0] },
            fc2: (0..<hidden).map { fc2[hidden + $0] - fc2[$0] },
            fc2Bias: fc2Bias[1] - fc2Bias[0])
    }
}
