import ConvNetAIG

/// Makes the layers of a ``TrainingNetwork``.
struct TrainingNetworkBuilder<Backend: TrainingBackend> {
    typealias Network = TrainingNetwork<Backend>

    let backend: Backend
    let layout: ParameterLayout
    let batch: Int
    let purpose: Network.Purpose

    /// The network's input, and the layer that reads it.
    func stem(_ architecture: Architecture) throws -> (Backend.FeatureMaps, Network.Layer) {
        let shape = architecture.stemConvolution
        let layer = try layer(
            shape, weights: "conv1.weight", normalization: "bn1",
            hasInputGradient: purpose == .attack)
        return (try input(architecture), layer)
    }

    private func input(_ architecture: Architecture) throws -> Backend.FeatureMaps {
        try backend.makeInput(
            architecture.input, padding: architecture.stemConvolution.padding, images: batch)
    }

    func attackMaps(_ architecture: Architecture) throws -> Network.AttackMaps {
        Network.AttackMaps(
            original: try input(architecture),
            gradient: try backend.makeInputGradient(architecture.input, images: batch))
    }

    func layer(
        _ convolution: ConvolutionSettings, weights: String, normalization name: String,
        hasInputGradient: Bool = true
    ) throws -> Network.Layer {
        let settings = TrainingConvolutionSettings(
            convolution, weights: layout.offset(weights), hasInputGradient: hasInputGradient,
            hasWeightGradient: purpose == .training)
        let output = convolution.output
        let normalization = TrainingNormalizationSettings(
            features: output, gamma: layout.offset(name + ".weight"), beta: layout.offset(name + ".bias"),
            runningMean: layout.offset(name + ".running_mean"),
            runningVariance: layout.offset(name + ".running_var"))
        return Network.Layer(
            convolution: try backend.makeConvolution(settings, images: batch),
            normalization: try backend.makeNormalization(normalization, images: batch),
            output: try backend.makeFeatureMaps(output, images: batch), shape: output)
    }

    /// - Parameter gradient: of the stage, if there is one already.
    func features(_ shape: FeatureShape, isPooled: Bool, gradient: Backend.FeatureMaps? = nil) throws
        -> Network.Features
    {
        Network.Features(
            shape: shape, maps: try backend.makeFeatureMaps(shape, images: batch),
            pooled: isPooled ? try backend.makeVectors(channels: shape.channels, images: batch) : nil,
            gradient: try gradient ?? backend.makeFeatureMaps(shape, images: batch))
    }

    func block(
        _ block: ResidualBlock, input: Network.Features, isPooled: Bool, gateIndex: Int
    ) throws -> Network.Block {
        let name = block.name
        let layers = try block.convolutions.enumerated().map { index, shape in
            try layer(
                shape, weights: "\(name).conv\(index + 1).weight", normalization: "\(name).bn\(index + 1)")
        }
        let output = block.output
        let shortcut: Network.Shortcut
        if let shape = block.shortcutConvolution {
            shortcut = .projection(
                try layer(shape, weights: "\(name).shortcut.0.weight", normalization: "\(name).shortcut.1"))
        } else if block.shortcut == .zeroPadded {
            let settings = ZeroPaddedShortcutSettings(
                input: input.shape, output: output, stride: block.stride, sumsRows: false)
            shortcut = .zeroPadded(settings, try backend.makeFeatureMaps(output, images: batch))
        } else {
            shortcut = .identity
        }
        let isIdentity = block.shortcut == .identity
        return Network.Block(
            layers: layers,
            hidden: try layers.dropLast().map { try backend.makeFeatureMaps($0.shape, images: batch) },
            shortcut: shortcut,
            gate: try block.gate.map { try gate($0, features: input.shape, name: name, index: gateIndex) },
            depthFactors: try block.isGated || purpose != .training ? nil : backend.makeBranchFactors(images: batch),
            input: input,
            output: try features(output, isPooled: isPooled, gradient: isIdentity ? input.gradient : nil))
    }

    private func gate(_ gate: Gate, features: FeatureShape, name: String, index: Int) throws -> Network.GateLayer {
        let settings = TrainingGateSettings(
            GateSettings(features: features, hidden: gate.hidden), fc1Weight: layout.offset("\(name).fc1.weight"),
            fc1Bias: layout.offset("\(name).fc1.bias"), gamma: layout.offset("\(name).fc1bn.weight"),
            beta: layout.offset("\(name).fc1bn.bias"), runningMean: layout.offset("\(name).fc1bn.running_mean"),
            runningVariance: layout.offset("\(name).fc1bn.running_var"),
            fc2Weight: layout.offset("\(name).fc2.weight"), fc2Bias: layout.offset("\(name).fc2.bias"))
        return Network.GateLayer(
            gate: try backend.makeGate(settings, images: batch), index: index,
            gradient: try backend.makeVectors(channels: gate.inputChannels, images: batch))
    }
}
