import ConvNetAIG

@testable import ConvNetAIGTraining

/// A network and its loss in training mode, in Double, sharing nothing with the schedule over a backend's operators: what
/// gradients of whole networks are differentiated from. Gates are smooth as ``DoubleGate`` makes them.
struct DoubleNetwork {
    /// What a gate decided where derivatives are taken.
    struct Frozen {
        let hard: [Bool]
        let soft: [Double]
        /// Where the sum at the block's end is 0: behind a closed gate, where an identity shortcut is 0. The ReLU's derivative
        /// is taken to be 0 there, as in PyTorch; differences would take the mean of both sides.
        var zeros: [Int] = []
    }

    let architecture: Architecture
    let batch: Batch
    let settings: StepSettings
    /// Of each gate, [image][skip, execute].
    let noise: [[Float]]

    private var images: Int { batch.count }

    /// The decisions of each gate with these parameters.
    func decisions(_ parameters: [String: [Double]]) -> [Frozen] {
        var decisions: [Frozen] = []
        _ = logits(parameters) { gate, features, index in
            let noise = noise[index].map(Double.init)
            let frozen = Frozen(
                hard: gate.open(features, noise: noise),
                soft: gate.soft(features, noise: noise, temperature: Double(settings.temperature)))
            decisions.append(frozen)
            return frozen.hard.map { $0 ? 1 : 0 }
        } rectify: { sums, index in
            decisions[index].zeros = sums.indices.filter { sums[$0] == 0 }
            return DoubleOperators.relu(sums)
        }
        return decisions
    }

    /// Cross-entropy + lambda x mean over the rated blocks of (target - mean of z)^2.
    func loss(_ parameters: [String: [Double]], frozen: [Frozen]) -> Double {
        var misses: [Double] = []
        let logits = logits(parameters) { gate, features, index in
            let z = gate.decisions(
                features, noise: noise[index].map(Double.init), temperature: Double(settings.temperature),
                hard: frozen[index].hard, constant: frozen[index].soft)
            if settings.targetRates[index] < 1 {
                misses.append(Double(settings.targetRates[index]) - z.reduce(0, +) / Double(images))
            }
            return z
        } rectify: { sums, index in
            var output = DoubleOperators.relu(sums)
            for pixel in frozen[index].zeros { output[pixel] = 0 }
            return output
        }
        let losses = DoubleOperators.crossEntropy(
            logits, labels: batch.labels, smoothing: Double(settings.labelSmoothing))
        let rateLoss = misses.reduce(0) { $0 + $1 * $1 } / Double(max(misses.count, 1))
        return losses.reduce(0, +) / Double(images) + Double(settings.targetRateWeight) * rateLoss
    }

    /// - Parameters:
    ///   - decide: gives each image's z, told the gate, its features and its number.
    ///   - rectify: the ReLU at the end of a block with a gate.
    private func logits(
        _ parameters: [String: [Double]],
        decide: (_ gate: DoubleGate, _ features: [Double], _ index: Int) -> [Double],
        rectify: (_ sums: [Double], _ index: Int) -> [Double]
    ) -> [Double] {
        func tensor(_ name: String) -> [Double] { parameters[name] ?? [] }
        func layer(_ x: [Double], _ shape: ConvolutionSettings, _ convolution: String, _ normalization: String)
            -> [Double]
        {
            DoubleOperators.normalization(
                DoubleOperators.convolution(x, tensor(convolution + ".weight"), shape, images: images),
                gamma: tensor(normalization + ".weight"), beta: tensor(normalization + ".bias"),
                channels: shape.outputChannels, pixels: shape.output.height * shape.output.width)
        }

        var x = DoubleOperators.relu(
            layer(batch.images.map(Double.init), architecture.stemConvolution, "conv1", "bn1"))
        if architecture.stem.maxPooling {
            let input = architecture.stemOutput.beforePooling
            x = DoubleOperators.maxPool(
                x, PoolingSettings(input: input, kernel: 3, stride: 2, padding: 1, sumsRows: false), images: images)
        }
        var gates = 0
        let depth = StochasticDepth(settings, blocks: architecture.blockCount)
        for block in architecture.blocks {
            let input = FeatureShape(
                channels: block.inputChannels, height: block.inputHeight, width: block.inputWidth)
            let output = FeatureShape(
                channels: block.outputChannels, height: block.outputHeight, width: block.outputWidth)
            var z =
                depth.map { $0.factors(block: block.index, images: images).map(Double.init) }
                ?? [Double](repeating: 1, count: images)
            if block.isGated {
                func part(_ name: String) -> [Double] { tensor("\(block.name).\(name)") }
                let gate = DoubleGate(
                    fc1Weight: part("fc1.weight"), fc1Bias: part("fc1.bias"), gamma: part("fc1bn.weight"),
                    beta: part("fc1bn.bias"), fc2Weight: part("fc2.weight"), fc2Bias: part("fc2.bias"))
                z = decide(gate, DoubleOperators.pooled(x, pixels: input.pixels), gates)
            }
            var branch = x
            for (index, shape) in block.convolutions.enumerated() {
                if index > 0 { branch = DoubleOperators.relu(branch) }
                branch = layer(
                    branch, shape, "\(block.name).conv\(index + 1)", "\(block.name).bn\(index + 1)")
            }
            var shortcut = x
            if let shape = block.shortcutConvolution {
                shortcut = layer(x, shape, "\(block.name).shortcut.0", "\(block.name).shortcut.1")
            } else if block.shortcut == .zeroPadded {
                shortcut = DoubleOperators.zeroPadded(
                    x, input: input, output: output, stride: block.stride, images: images)
            }
            let sums = DoubleOperators.gated(z, branch, shortcut)
            x = block.isGated ? rectify(sums, gates) : DoubleOperators.relu(sums)
            if block.isGated { gates += 1 }
        }
        let features = DoubleOperators.pooled(x, pixels: x.count / images / architecture.featureChannels)
        return DoubleOperators.linear(features, tensor("linear.weight"), tensor("linear.bias"))
    }
}
