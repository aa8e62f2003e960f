import Operators

/// How the layers of a network are connected: what each reads and writes, which activation follows, which shortcut a block
/// has and what its gate sees.
///
/// It is derived from an architecture here and nowhere else. Inference and training walk it, and add what is their own:
/// memory, gradients, and the choice of kernels.
package struct NetworkWiring: Sendable, Hashable {
    /// A convolution without bias, the batch norm that follows it, and the activation after both.
    package struct Layer: Sendable, Hashable {
        /// Prefix of the convolution's tensors in weight files: `layer1.0.conv1`.
        package let name: String
        /// Prefix of the batch norm's tensors: `layer1.0.bn1`.
        package let normalization: String
        /// The convolution, and its activation as inference fuses it.
        package let settings: FusedConvolutionSettings

        /// The convolution alone.
        package var convolution: ConvolutionSettings { settings.convolution }
    }

    /// How a block's input becomes the sum that its branch is added to.
    package enum Shortcut: Sendable, Hashable {
        /// The input itself.
        case identity
        /// A strided 1x1 convolution.
        case projection(Layer)
        /// Every stride-th pixel, with channels of zeros around the input's.
        case zeroPadded(ZeroPaddedShortcutSettings)
    }

    /// A block's gate, which sees the mean of each channel of the block's input.
    package struct Gate: Sendable, Hashable {
        /// Sizes of the gate.
        package let settings: GateSettings
        /// Place among all gates of the network.
        package let index: Int
    }

    /// Features between two blocks, or before the first or after the last.
    package struct Features: Sendable, Hashable {
        /// Shape for each image.
        package let shape: FeatureShape
        /// Whether the mean of each channel is needed: the next block's gate reads it, or the classifier.
        package let isPooled: Bool
        /// The running sum that these features are a state of, counted from 0: a block with an identity shortcut adds its
        /// branch to the sum that it reads, and any other begins the next.
        package let sum: Int
    }

    /// A residual block: output = ReLU(shortcut(input) + z branch(input)), z being the gate's decision or 1.
    package struct Block: Sendable, Hashable {
        /// Prefix of the block's tensors in weight files: `layer1.0`.
        package let name: String
        /// Read by the branch, the shortcut and the gate.
        package let input: Features
        /// Read by the next block or the classifier.
        package let output: Features
        /// Each layer reads the output of the one before.
        package let branch: [Layer]
        /// What the branch is added to.
        package let shortcut: Shortcut
        /// nil where the branch always runs.
        package let gate: Gate?
    }

    /// Reads the network's input.
    package let stem: Layer
    /// Max pooling behind the stem, where there is one.
    package let pooling: PoolingSettings?
    /// The input of the first block.
    package let first: Features
    /// The blocks, in the order in which they run.
    package let blocks: [Block]
    /// Reads the last block's output.
    package let classifier: ClassifierSettings
    /// Number of gates.
    package let gateCount: Int

    /// Connects the layers of a network.
    package init(_ architecture: Architecture) {
        let blocks = architecture.blocks
        // A block without a gate needs no mean of its input, and its output replaces it.
        func isPooled(before index: Int) -> Bool { index == blocks.count || blocks[index].isGated }

        let convolution = architecture.stemConvolution
        let hasPooling = architecture.stem.maxPooling
        stem = Layer(
            name: "conv1", normalization: "bn1",
            settings: FusedConvolutionSettings(
                convolution, activation: .relu, sumsRows: !hasPooling && isPooled(before: 0)))
        pooling =
            hasPooling
            ? PoolingSettings(
                input: convolution.output, kernel: 3, stride: 2, padding: 1, sumsRows: isPooled(before: 0)) : nil
        first = Features(shape: pooling?.output ?? convolution.output, isPooled: isPooled(before: 0), sum: 0)

        var features = first
        var gateCount = 0
        var connected: [Block] = []
        for block in blocks {
            let output = Features(
                shape: block.output, isPooled: isPooled(before: block.index + 1),
                sum: block.shortcut == .identity ? features.sum : features.sum + 1)
            let gate = block.gate.map {
                Gate(settings: GateSettings(features: features.shape, hidden: $0.hidden), index: gateCount)
            }
            connected.append(
                Block(
                    name: block.name, input: features, output: output, branch: Self.branch(block, output),
                    shortcut: Self.shortcut(block, output), gate: gate))
            if gate != nil { gateCount += 1 }
            features = output
        }
        self.blocks = connected
        self.gateCount = gateCount
        classifier = ClassifierSettings(features: features.shape, classes: architecture.classes)
    }

    /// ReLU follows every layer, the last after the shortcut is added.
    private static func branch(_ block: ResidualBlock, _ output: Features) -> [Layer] {
        let convolutions = block.convolutions
        return convolutions.enumerated().map { index, convolution in
            let isLast = index == convolutions.count - 1
            return Layer(
                name: "\(block.name).conv\(index + 1)", normalization: "\(block.name).bn\(index + 1)",
                settings: FusedConvolutionSettings(
                    convolution, activation: .relu, addsToOutput: isLast, sumsRows: isLast && output.isPooled))
        }
    }

    /// Where a gate may close the branch, the shortcut alone has to be the block's output.
    private static func shortcut(_ block: ResidualBlock, _ output: Features) -> Shortcut {
        let sumsRows = output.isPooled && block.isGated
        if let convolution = block.shortcutConvolution {
            return .projection(
                Layer(
                    name: "\(block.name).shortcut.0", normalization: "\(block.name).shortcut.1",
                    settings: FusedConvolutionSettings(
                        convolution, activation: block.isGated ? .reluWhereClosed : .none, sumsRows: sumsRows)))
        }
        guard block.shortcut == .zeroPadded else { return .identity }
        return .zeroPadded(
            ZeroPaddedShortcutSettings(
                input: block.input, output: block.output, stride: block.stride, sumsRows: sumsRows))
    }
}
