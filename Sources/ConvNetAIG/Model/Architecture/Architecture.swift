/// The shape of a residual network, plain (ResNet) or adaptive (ConvNet-AIG): everything about the network
/// except its weights.
///
/// A network is a stem convolution, residual blocks in stages, global average pooling and a linear
/// classifier. With `gateHidden` set, each block has a gate that decides per image whether the block's branch
/// runs (Veit and Belongie, "Convolutional Networks with Adaptive Inference Graphs", arXiv 1711.11503).
///
/// A value is always valid: the initializers and decoding check every size, so nothing derived from an architecture can
/// overflow or be empty.
///
///     let network = try Architecture(named: "convnet-aig-50")
///     network.blocks.count        // 16
///     network.cost.macs           // 4_089_394_688
public struct Architecture: Sendable, Hashable {
    /// The network's name: a known one (see ``knownNames``) or your own.
    public let name: String
    /// The shape of an input image.
    public let input: FeatureShape
    /// The layers before the first block.
    public let stem: Stem
    /// The stages, in order; stage *i* is called `layer<i>` in weight files, counting from 1.
    public let stages: [Stage]
    /// Whether blocks are basic (two 3x3 convolutions) or bottlenecks (1x1, 3x3, 1x1).
    public let blockKind: BlockKind
    /// The shortcut of blocks whose output differs in shape from their input; all others use the identity.
    public let shortcut: ShortcutKind
    /// Width of the gates' hidden layer (16 in the paper), or nil for a plain ResNet.
    public let gateHidden: Int?
    /// Indices into ``blocks`` of the blocks that have no gate and always run, ascending.
    /// Empty for a plain ResNet, where no block has a gate.
    public let ungatedBlocks: [Int]
    /// Number of classes, the length of the logits.
    public let classes: Int

    /// Describes a network.
    ///
    /// - Parameters:
    ///   - name: 1 to 200 characters.
    ///   - input: The shape of an input image.
    ///   - stem: The layers before the first block.
    ///   - stages: At least one.
    ///   - blockKind: The kind of all blocks.
    ///   - shortcut: The shortcut of blocks that change the shape.
    ///   - gateHidden: Width of the gates' hidden layer; nil makes a plain ResNet.
    ///   - ungatedBlocks: Indices into ``blocks``, in any order, of blocks that always run.
    ///   - classes: Number of classes.
    /// - Throws: ``ArchitectureError`` saying which size is out of bounds, and what the bounds are.
    public init(
        name: String,
        input: FeatureShape,
        stem: Stem,
        stages: [Stage],
        blockKind: BlockKind,
        shortcut: ShortcutKind = .projection,
        gateHidden: Int? = nil,
        ungatedBlocks: [Int] = [],
        classes: Int
    ) throws(ArchitectureError) {
        self.init(
            unchecked: name, input: input, stem: stem, stages: stages, blockKind: blockKind,
            shortcut: shortcut,
            gateHidden: gateHidden, ungatedBlocks: ungatedBlocks, classes: classes)
        try validate()
    }

    /// Makes an architecture that is valid by construction, such as a variation of a valid one.
    private init(
        unchecked name: String, input: FeatureShape, stem: Stem, stages: [Stage], blockKind: BlockKind,
        shortcut: ShortcutKind, gateHidden: Int?, ungatedBlocks: [Int], classes: Int
    ) {
        self.name = name
        self.input = input
        self.stem = stem
        self.stages = stages
        self.blockKind = blockKind
        self.shortcut = shortcut
        self.gateHidden = gateHidden
        self.ungatedBlocks = Set(ungatedBlocks).sorted()
        self.classes = classes
    }
}

extension Architecture {
    /// Whether any block has a gate.
    public var isAdaptive: Bool { gateHidden != nil && ungatedBlocks.count < blockCount }

    /// Number of residual blocks over all stages.
    public var blockCount: Int { stages.reduce(0) { $0 + $1.blocks } }

    /// Channels of the last block's output, the input of the classifier.
    public var featureChannels: Int {
        stages.last.map { $0.width * blockKind.expansion } ?? stem.channels
    }

    /// The stem's convolution.
    public var stemConvolution: ConvolutionSettings {
        ConvolutionSettings(
            source: .image, input: input, outputChannels: stem.channels, kernel: stem.kernel, stride: stem.stride,
            padding: stem.padding)
    }

    /// The stem's output before and after max pooling; the two are equal in a stem without.
    public var stemOutput: (beforePooling: FeatureShape, afterPooling: FeatureShape) {
        let before = stemConvolution.output
        guard stem.maxPooling else { return (before, before) }
        let pooled = { (size: Int) in
            ConvolutionSettings.outputSize(of: size, kernel: 3, stride: 2, padding: 1)
        }
        let after = FeatureShape(
            channels: stem.channels, height: pooled(before.height), width: pooled(before.width))
        return (before, after)
    }

    /// The residual blocks, in the order they run.
    ///
    /// Computed on each access; keep the result where it is used repeatedly.
    public var blocks: [ResidualBlock] {
        let ungated = Set(ungatedBlocks)
        var shape = stemOutput.afterPooling
        var blocks: [ResidualBlock] = []
        blocks.reserveCapacity(blockCount)
        for (stageIndex, stage) in stages.enumerated() {
            for indexInStage in 0..<stage.blocks {
                let stride = indexInStage == 0 ? stage.stride : 1
                let outputChannels = stage.width * blockKind.expansion
                let shapeChanges = stride != 1 || shape.channels != outputChannels
                let gateHidden = ungated.contains(blocks.count) ? nil : gateHidden
                let block = ResidualBlock(
                    index: blocks.count, stage: stageIndex + 1, indexInStage: indexInStage, kind: blockKind,
                    inputChannels: shape.channels, midChannels: stage.width, outputChannels: outputChannels,
                    inputHeight: shape.height, inputWidth: shape.width, stride: stride,
                    shortcut: !shapeChanges ? .identity : shortcut == .projection ? .projection : .zeroPadded,
                    gate: gateHidden.map { Gate(inputChannels: shape.channels, hidden: $0) })
                shape = FeatureShape(
                    channels: outputChannels, height: block.outputHeight, width: block.outputWidth)
                blocks.append(block)
            }
        }
        return blocks
    }

    /// Indices into ``blocks`` of the blocks that have a gate, ascending. Gate decisions come in this order.
    public var gatedBlocks: [Int] {
        guard gateHidden != nil else { return [] }
        let ungated = Set(ungatedBlocks)
        return (0..<blockCount).filter { !ungated.contains($0) }
    }
}

extension Architecture {
    /// The same network without gates. `convnet-aig-...` becomes `resnet-...`; any other name gets the suffix
    /// `-plain`. A network without gates is returned as it is.
    public var plain: Architecture {
        guard gateHidden != nil else { return self }
        return Architecture(
            unchecked: Self.renamed(name, from: "convnet-aig", to: "resnet", suffix: "-plain"), input: input,
            stem: stem, stages: stages, blockKind: blockKind, shortcut: shortcut, gateHidden: nil,
            ungatedBlocks: [], classes: classes)
    }

    /// The same network with a gate on every block but `ungatedBlocks`. `resnet-...` becomes
    /// `convnet-aig-...`; any other name gets the suffix `-adaptive`, unless it had gates already.
    ///
    /// - Throws: ``ArchitectureError`` if `hidden` is not positive or an index is out of range.
    public func adaptive(
        hidden: Int = 16, ungatedBlocks: [Int] = []
    ) throws(ArchitectureError) -> Architecture {
        let newName =
            gateHidden != nil
            ? name : Self.renamed(name, from: "resnet", to: "convnet-aig", suffix: "-adaptive")
        return try Architecture(
            name: newName, input: input, stem: stem, stages: stages, blockKind: blockKind, shortcut: shortcut,
            gateHidden: hidden, ungatedBlocks: ungatedBlocks, classes: classes)
    }

    /// The same network with another kind of shortcut where the shape changes.
    ///
    /// - Throws: ``ArchitectureError`` if zero padding is asked for and a block has fewer channels out than
    ///   in.
    public func with(shortcut: ShortcutKind) throws(ArchitectureError) -> Architecture {
        try Architecture(
            name: name, input: input, stem: stem, stages: stages, blockKind: blockKind, shortcut: shortcut,
            gateHidden: gateHidden, ungatedBlocks: ungatedBlocks, classes: classes)
    }

    /// The same network for another number of classes.
    ///
    /// - Throws: ``ArchitectureError`` if `classes` is not positive or above a million.
    public func with(classes: Int) throws(ArchitectureError) -> Architecture {
        try Architecture(
            name: name, input: input, stem: stem, stages: stages, blockKind: blockKind, shortcut: shortcut,
            gateHidden: gateHidden, ungatedBlocks: ungatedBlocks, classes: classes)
    }

    private static func renamed(_ name: String, from: String, to: String, suffix: String) -> String {
        name.hasPrefix(from + "-") ? to + name.dropFirst(from.count) : String(name.prefix(180)) + suffix
    }
}
