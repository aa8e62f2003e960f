import ConvNetAIG

extension TrainingNetwork {
    /// From images to logits and loss.
    /// - Parameters:
    ///   - noise: of each gate, [image][skip, execute].
    ///   - depth: what multiplies the branches; nil for gates' decisions, and 1 elsewhere.
    func forward(
        _ images: [Float], _ targets: LossTargets, noise: [[Float]], temperature: Float, depth: StochasticDepth? = nil
    ) throws {
        try backend.begin(images: targets.labels.count)
        try backend.upload(images, to: input)
        dropsBranches = depth != nil
        if let depth {
            for (index, block) in blocks.enumerated() {
                guard let factors = block.depthFactors else { continue }
                try backend.upload(depth.factors(block: index, images: targets.labels.count), to: factors)
            }
        }
        try forward(targets, noise: noise, temperature: temperature)
    }

    /// The same from the input that is there already.
    func forward(_ targets: LossTargets, noise: [[Float]], temperature: Float) throws {
        try run(stem, input)
        let stemOutput = pooling?.input ?? first
        try backend.activate(
            stem.normalization, stem.output, factors: nil, shortcut: nil, to: stemOutput.maps, pooled: stemOutput.pooled
        )
        if let pooling {
            try backend.maxPool(pooling.settings, pooling.input.maps, to: first.maps, pooled: first.pooled)
        }
        for block in blocks { try forward(block, noise: noise, temperature: temperature) }
        try backend.classify(classifier, features: try classifierFeatures, targets: targets)
    }

    private func forward(_ block: Block, noise: [[Float]], temperature: Float) throws {
        if let gate = block.gate, let features = block.input.pooled {
            try backend.decide(gate.gate, features: features, noise: noise[gate.index], temperature: temperature)
        }
        var input = block.input.maps
        for (layer, hidden) in zip(block.layers, block.hidden) {
            try run(layer, input)
            try backend.activate(
                layer.normalization, layer.output, factors: nil, shortcut: nil, to: hidden, pooled: nil)
            input = hidden
        }
        guard let last = block.layers.last else { return }
        try run(last, input)
        let shortcut: TrainingShortcut<Backend.FeatureMaps, Backend.Normalization>
        switch block.shortcut {
        case .identity:
            shortcut = .maps(block.input.maps)
        case .projection(let layer):
            try run(layer, block.input.maps)
            shortcut = .normalized(layer.normalization, layer.output)
        case .zeroPadded(let settings, let maps):
            try backend.zeroPaddedShortcut(settings, block.input.maps, to: maps)
            shortcut = .maps(maps)
        }
        try backend.activate(
            last.normalization, last.output, factors: branchFactors(block), shortcut: shortcut, to: block.output.maps,
            pooled: block.output.pooled)
    }

    /// What multiplies a block's branch in this step; nil for 1.
    func branchFactors(_ block: Block) -> Backend.BranchFactors? {
        if let gate = block.gate { return backend.decisions(of: gate.gate) }
        return dropsBranches ? block.depthFactors : nil
    }

    private func run(_ layer: Layer, _ input: Backend.FeatureMaps) throws {
        try backend.convolve(layer.convolution, input, to: layer.output)
        if purpose == .training { try backend.measure(layer.normalization, layer.output) }
    }

    /// The last feature maps, pooled.
    var classifierFeatures: Backend.Vectors {
        get throws {
            // A network has blocks, and the last one's output is pooled for the classifier.
            guard let features = (blocks.last?.output ?? first).pooled else { throw BackendError.notPooled }
            return features
        }
    }
}
