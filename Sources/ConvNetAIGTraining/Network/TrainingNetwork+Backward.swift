import ConvNetAIG

extension TrainingNetwork {
    /// From the loss to the gradients of all parameters, or, under attack, of the input.
    /// - Parameters:
    ///   - targetRates: of each gate.
    ///   - targetRateWeight: of the target-rate loss.
    ///   - throughGates: whether the gates' decisions are differentiated too, straight through.
    func backward(targetRates: [Float], targetRateWeight: Float, throughGates: Bool = true) throws {
        try backend.backward(classifier, features: try classifierFeatures, to: classifierGradient)
        let rated = targetRates.count { $0 < 1 }
        var pooledGradient: Backend.Vectors? = classifierGradient
        for block in blocks.reversed() {
            let isLast = block.output.maps === blocks.last?.output.maps
            try backward(
                block, gradientIsEmpty: isLast, pooledGradient: pooledGradient,
                targetRate: block.gate.map { targetRates[$0.index] } ?? 1,
                rateGradient: targetRateWeight / Float(max(rated, 1)), throughGate: throughGates)
            pooledGradient = throughGates ? block.gate?.gradient : nil
        }
        try backwardThroughStem(pooledGradient)
    }

    private func backward(
        _ block: Block, gradientIsEmpty: Bool, pooledGradient: Backend.Vectors?, targetRate: Float,
        rateGradient: Float, throughGate: Bool
    ) throws {
        guard let last = block.layers.last else { return }
        let gradient = block.output.gradient
        var projection: Layer?
        if case .projection(let layer) = block.shortcut { projection = layer }
        try backend.backwardThroughOutput(
            gradient, isEmpty: gradientIsEmpty, pooledGradient: pooledGradient, output: block.output.maps,
            branch: (last.normalization, last.output), shortcut: projection.map { ($0.normalization, $0.output) })
        if throughGate, let gate = block.gate, let features = block.input.pooled {
            try backend.backward(
                gate.gate, normalization: last.normalization, targetRate: targetRate,
                rateGradient: targetRate < 1 ? rateGradient : 0, features: features, to: gate.gradient)
        }
        try finishSums(last.normalization, factors: branchFactors(block))

        var branch = scratchMaps(last.shape, besides: nil)
        try backend.backwardThroughNormalization(
            last.normalization, last.output, gradient: gradient, factors: branchFactors(block), rectified: false,
            pooledGradient: nil, to: branch)
        for index in block.hidden.indices.reversed() {
            let (layer, before) = (block.layers[index + 1], block.layers[index])
            try backwardToWeights(layer, input: block.hidden[index], gradient: branch)
            let hidden = scratchMaps(before.shape, besides: branch)
            try backend.backwardToInput(layer.convolution, gradient: branch, to: hidden, adding: false)
            try backwardThroughReLU(before, gradient: hidden, pooledGradient: nil)
            branch = hidden
        }

        let first = block.layers[0]
        try backwardToWeights(first, input: block.input.maps, gradient: branch)
        let inputGradient = block.input.gradient
        switch block.shortcut {
        case .identity:
            // The gradient is both the output's and, through the shortcut, the input's.
            try backend.backwardToInput(first.convolution, gradient: branch, to: inputGradient, adding: true)
        case .projection(let layer):
            try backend.backwardToInput(first.convolution, gradient: branch, to: inputGradient, adding: false)
            try finishSums(layer.normalization, factors: nil)
            try backend.backwardThroughNormalization(
                layer.normalization, layer.output, gradient: gradient, factors: nil, rectified: false,
                pooledGradient: nil, to: gradient)
            try backwardToWeights(layer, input: block.input.maps, gradient: gradient)
            try backend.backwardToInput(layer.convolution, gradient: gradient, to: inputGradient, adding: true)
        case .zeroPadded(let settings, _):
            try backend.backwardThroughZeroPaddedShortcut(settings, gradient: gradient, to: inputGradient)
            try backend.backwardToInput(first.convolution, gradient: branch, to: inputGradient, adding: true)
        }
    }

    private func backwardThroughStem(_ pooledGradient: Backend.Vectors?) throws {
        var gradient = first.gradient
        var pooledGradient = pooledGradient
        if let pooling {
            try backend.backwardThroughMaxPool(
                pooling.settings, input: pooling.input.maps, output: first.maps, gradient: gradient,
                pooledGradient: pooledGradient, to: pooling.input.gradient)
            gradient = pooling.input.gradient
            pooledGradient = nil
        }
        try backwardThroughReLU(stem, gradient: gradient, pooledGradient: pooledGradient)
        try backwardToWeights(stem, input: input, gradient: gradient)
        if let attack {
            try backend.backwardToInput(stem.convolution, gradient: gradient, to: attack.gradient, adding: false)
        }
    }

    /// Backward through a ReLU and the batch norm before it, in place.
    private func backwardThroughReLU(
        _ layer: Layer, gradient: Backend.FeatureMaps, pooledGradient: Backend.Vectors?
    ) throws {
        if purpose == .training {
            try backend.sumGradient(
                layer.normalization, layer.output, gradient: gradient, pooledGradient: pooledGradient)
        }
        try finishSums(layer.normalization, factors: nil)
        try backend.backwardThroughNormalization(
            layer.normalization, layer.output, gradient: gradient, factors: nil, rectified: true,
            pooledGradient: pooledGradient, to: gradient)
    }

    private func finishSums(_ normalization: Backend.Normalization, factors: Backend.BranchFactors?) throws {
        if purpose == .training { try backend.finishSums(normalization, factors: factors) }
    }

    private func backwardToWeights(_ layer: Layer, input: Backend.FeatureMaps, gradient: Backend.FeatureMaps) throws {
        guard purpose == .training else { return }
        try backend.backwardToWeights(layer.convolution, input: input, gradient: gradient)
    }
}
