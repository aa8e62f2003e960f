import ConvNetAIG

/// Makes the layers of a ``TrainingNetwork``.
struct TrainingNetworkBuilder<Backend: TrainingBackend> {
    typealias Network = TrainingNetwork<Backend>

    let backend: Backend
    let layout: ParameterLayout
    let batch: Int
    let purpose: Network.Purpose

    /// The network's input, read by the stem.
    func input(_ wiring: NetworkWiring) throws -> Backend.FeatureMaps {
        let convolution = wiring.stem.convolution
        return try backend.makeInput(convolution.input, padding: convolution.padding, images: batch)
    }

    func attackMaps(_ wiring: NetworkWiring) throws -> Network.AttackMaps {
        Network.AttackMaps(
            original: try input(wiring),
            gradient: try backend.makeInputGradient(wiring.stem.convolution.input, images: batch))
    }

    func layer(_ layer: NetworkWiring.Layer, hasInputGradient: Bool = true) throws -> Network.Layer {
        let convolution = TrainingConvolutionSettings(
            layer.convolution, weights: layout.offset(layer.name + ".weight"), hasInputGradient: hasInputGradient,
            hasWeightGradient: purpose == .training)
        let (output, name) = (layer.convolution.output, layer.normalization)
        let normalization = TrainingNormalizationSettings(
            features: output, gamma: layout.offset(name + ".weight"), beta: layout.offset(name + ".bias"),
            runningMean: layout.offset(name + ".running_mean"),
            runningVariance: layout.offset(name + ".running_var"))
        return Network.Layer(
            convolution: try backend.makeConvolution(convolution, images: batch),
            normalization: try backend.makeNormalization(normalization, images: batch),
            output: try backend.makeFeatureMaps(output, images: batch), shape: output)
    }

    /// - Parameter gradient: of the running sum, if there is one already.
    func features(
        _ shape: FeatureShape, isPooled: Bool, gradient: Backend.FeatureMaps? = nil
    ) throws -> Network.Features {
        Network.Features(
            shape: shape, maps: try backend.makeFeatureMaps(shape, images: batch),
            pooled: isPooled ? try backend.makeVectors(channels: shape.channels, images: batch) : nil,
            gradient: try gradient ?? backend.makeFeatureMaps(shape, images: batch))
    }

    func block(_ block: NetworkWiring.Block, input: Network.Features) throws -> Network.Block {
        let layers = try block.branch.map { try layer($0) }
        let shortcut: Network.Shortcut
        switch block.shortcut {
        case .identity: shortcut = .identity
        case .projection(let projection): shortcut = .projection(try layer(projection))
        case .zeroPadded(var settings):
            // Its output is only added to the branch; the mean is that of the sum.
            settings.sumsRows = false
            shortcut = .zeroPadded(settings, try backend.makeFeatureMaps(settings.output, images: batch))
        }
        let sharesSum = block.output.sum == block.input.sum
        return Network.Block(
            layers: layers,
            hidden: try layers.dropLast().map { try backend.makeFeatureMaps($0.shape, images: batch) },
            shortcut: shortcut, gate: try block.gate.map { try gate($0, name: block.name) },
            depthFactors: try block.gate != nil || purpose != .training
                ? nil : backend.makeBranchFactors(images: batch),
            input: input,
            output: try features(
                block.output.shape, isPooled: block.output.isPooled, gradient: sharesSum ? input.gradient : nil))
    }

    private func gate(_ gate: NetworkWiring.Gate, name: String) throws -> Network.GateLayer {
        let settings = TrainingGateSettings(
            gate.settings, fc1Weight: layout.offset("\(name).fc1.weight"),
            fc1Bias: layout.offset("\(name).fc1.bias"), gamma: layout.offset("\(name).fc1bn.weight"),
            beta: layout.offset("\(name).fc1bn.bias"), runningMean: layout.offset("\(name).fc1bn.running_mean"),
            runningVariance: layout.offset("\(name).fc1bn.running_var"),
            fc2Weight: layout.offset("\(name).fc2.weight"), fc2Bias: layout.offset("\(name).fc2.bias"))
        return Network.GateLayer(
            gate: try backend.makeGate(settings, images: batch), index: gate.index,
            gradient: try backend.makeVectors(channels: gate.settings.features.channels, images: batch))
    }
}
