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
        let settings: FusedConvolutionSettings
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
    let architecture: Architecture
    let capacity: Int
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
        let architecture = weights.architecture
        let plan = NetworkPlan(architecture)
        let maps = try backend.makeFeatureMaps(plan.featureMaps, images: capacity)
        try backend.prepare(plan.operators, images: capacity)

        input = maps[0]
        stem = Step(
            convolution: try backend.makeConvolution(
                plan.stem, weights.foldedConvolution("conv1", "bn1"), images: capacity),
            settings: plan.stem, input: input, output: maps[plan.stemMap])
        pooling = plan.pooling.map { ($0, maps[plan.pooledMap]) }

        var blocks: [Block] = []
        for block in plan.blocks {
            let input = maps[block.maps.input]
            let shortcut: Shortcut
            switch block.shortcut {
            case .identity: shortcut = .identity
            case .projection(let settings):
                shortcut = .projection(
                    try backend.makeConvolution(
                        settings, weights.foldedConvolution("\(block.name).shortcut.0", "\(block.name).shortcut.1"),
                        images: capacity))
            case .zeroPadded(let settings): shortcut = .zeroPadded(settings)
            }
            var branch: [Step] = []
            var source = input
            for (index, settings) in block.branch.enumerated() {
                let target = maps[block.maps.branch[index]]
                let folded = try weights.foldedConvolution(
                    "\(block.name).conv\(index + 1)", "\(block.name).bn\(index + 1)")
                branch.append(
                    Step(
                        convolution: try backend.makeConvolution(settings, folded, images: capacity),
                        settings: settings,
                        input: source,
                        output: target))
                source = target
            }
            blocks.append(
                Block(
                    input: input, output: maps[block.maps.output], shortcut: shortcut, branch: branch,
                    gate: block.gate))
        }
        self.blocks = blocks
        chains = try plan.chains.map { chain in
            try backend.makeGateChain(
                chain.settings, firstGate: chain.firstGate, chain.blockNames.map { try weights.foldedGate($0) },
                images: capacity)
        }
        let shape = plan.classifier.features
        classifier = try backend.makeClassifier(
            ClassifierSettings(features: shape, classes: architecture.classes),
            LinearWeights(weights: try weights.floats("linear.weight"), bias: try weights.floats("linear.bias")),
            images: capacity)
        gateCount = plan.gateCount
        decisions = try backend.makeDecisions(gates: plan.gateCount, images: capacity)
        self.backend = backend
        self.architecture = architecture
        self.capacity = capacity
    }

    /// The classifier's input.
    var lastFeatures: B.FeatureMaps { blocks.last?.output ?? pooling?.output ?? stem.output }
}
