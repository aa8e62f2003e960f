import ConvNetAIG

/// A network whose loss is differentiated, on any backend: which operator follows which, forward and backward. In training
/// by its parameters, with the statistics of a batch; under attack by its input, with the running ones.
///
/// A stage's gradient exists once. The backward pass of a block masks it in place with the ReLU of the block's output, and
/// the branch's first convolution adds to it what came through the branch: then it is the gradient with respect to the
/// block's input.
package final class TrainingNetwork<Backend: TrainingBackend>: TrainableNetwork {
    /// A convolution and its batch norm.
    struct Layer {
        let convolution: Backend.Convolution
        let normalization: Backend.Normalization
        /// What the convolution writes.
        let output: Backend.FeatureMaps
        let shape: FeatureShape
    }

    enum Shortcut {
        case identity
        case projection(Layer)
        case zeroPadded(ZeroPaddedShortcutSettings, Backend.FeatureMaps)
    }

    /// What the loss is differentiated by.
    package enum Purpose {
        case training
        case attack
    }

    /// What an attack needs beside the network.
    struct AttackMaps {
        /// The images as they were.
        let original: Backend.FeatureMaps
        /// With respect to the network's input.
        let gradient: Backend.FeatureMaps
    }

    struct GateLayer {
        let gate: Backend.Gate
        /// Among all gates.
        let index: Int
        /// With respect to the pooled features of the block's input.
        let gradient: Backend.Vectors
    }

    struct Block {
        let layers: [Layer]
        /// What each convolution but the first reads.
        let hidden: [Backend.FeatureMaps]
        let shortcut: Shortcut
        let gate: GateLayer?
        /// What multiplies the branch where a step leaves some out, see `StochasticDepth`; nil with a gate, and under attack.
        let depthFactors: Backend.BranchFactors?
        let input: Features
        let output: Features
    }

    /// Feature maps that a block reads or writes.
    struct Features {
        let shape: FeatureShape
        let maps: Backend.FeatureMaps
        /// Their mean, where a gate or the classifier reads it.
        let pooled: Backend.Vectors?
        /// With respect to the maps. Blocks of a stage share one.
        let gradient: Backend.FeatureMaps
    }

    package let architecture: Architecture
    package let batch: Int
    package let layout: ParameterLayout
    package let backend: Backend

    let purpose: Purpose
    /// nil in training.
    let attack: AttackMaps?
    let input: Backend.FeatureMaps
    let stem: Layer
    /// The stem's output where it is not the first block's input.
    let pooling: (settings: PoolingSettings, input: Features)?
    let first: Features
    let blocks: [Block]
    let classifier: Backend.Classifier
    let classifierGradient: Backend.Vectors
    /// Two for each shape that a convolution writes.
    private let scratch: [FeatureShape: (Backend.FeatureMaps, Backend.FeatureMaps)]
    let gates: [Backend.Gate]
    /// Whether this step leaves out branches by chance.
    var dropsBranches = false
    /// Whether a step has kept a moving average so far.
    var keepsAverage = false

    /// - Parameters:
    ///   - weights: where training starts: see `Weights.random`, or those of a network trained before.
    ///   - batch: images of a step, at most.
    /// - Throws: what the backend throws where there is not enough memory.
    package convenience init(weights: Weights, backend: Backend, batch: Int) throws {
        try self.init(weights: weights, backend: backend, batch: batch, purpose: .training)
    }

    package init(weights: Weights, backend: Backend, batch: Int, purpose: Purpose) throws {
        let architecture = weights.architecture
        let layout = ParameterLayout(architecture)
        self.architecture = architecture
        self.backend = backend
        self.layout = layout
        self.batch = batch
        self.purpose = purpose
        try backend.makeParameters(layout.sizes)
        let builder = TrainingNetworkBuilder(backend: backend, layout: layout, batch: batch, purpose: purpose)
        let wiring = NetworkWiring(architecture)
        stem = try builder.layer(wiring.stem, hasInputGradient: purpose == .attack)
        input = try builder.input(wiring)
        attack = try purpose == .attack ? builder.attackMaps(wiring) : nil
        pooling = try wiring.pooling.map { ($0, try builder.features($0.input, isPooled: false)) }
        first = try builder.features(wiring.first.shape, isPooled: wiring.first.isPooled)

        var features = first
        var scratch: [FeatureShape: (Backend.FeatureMaps, Backend.FeatureMaps)] = [:]
        var built: [Block] = []
        var gates: [Backend.Gate] = []
        for block in wiring.blocks {
            let made = try builder.block(block, input: features)
            for layer in made.layers where scratch[layer.shape] == nil {
                scratch[layer.shape] = (
                    try backend.makeFeatureMaps(layer.shape, images: batch),
                    try backend.makeFeatureMaps(layer.shape, images: batch)
                )
            }
            if let gate = made.gate { gates.append(gate.gate) }
            built.append(made)
            features = made.output
        }
        self.blocks = built
        self.gates = gates
        self.scratch = scratch
        classifier = try backend.makeClassifier(
            TrainingClassifierSettings(
                wiring.classifier,
                weight: layout.offset("linear.weight"), bias: layout.offset("linear.bias")), images: batch)
        classifierGradient = try backend.makeVectors(channels: features.shape.channels, images: batch)
        try backend.prepare()
        try restore(TrainingState(weights: try weights.tensors()))
    }

    /// Feature maps to work with, of which `other` is none.
    func scratchMaps(_ shape: FeatureShape, besides other: Backend.FeatureMaps?) -> Backend.FeatureMaps {
        guard let pair = scratch[shape] else { preconditionFailure("no scratch of \(shape)") }
        return other === pair.0 ? pair.1 : pair.0
    }
}
