import Operators

/// A network's wiring with the memory of one pass through it: which feature map each layer reads and writes, from which
/// step to which it is needed, and which gates share a look at the same features.
struct NetworkPlan {
    /// A block and its feature maps.
    struct Block {
        /// What the block is made of.
        let wiring: NetworkWiring.Block
        /// Feature maps that the block reads and writes, and those that its convolutions write; the last is the output.
        let maps: (input: Int, output: Int, branch: [Int])
        /// The block's place among all gates, and the chain it belongs to.
        let gate: (index: Int, chain: Int)?
    }

    /// Gates that see the same features as long as none of them opens: those of consecutive blocks, up to and including
    /// the first whose shortcut changes the features even where the branch is skipped.
    struct Chain {
        let settings: GateSettings
        let firstGate: Int
        var blockNames: [String]
    }

    let wiring: NetworkWiring
    let blocks: [Block]
    let chains: [Chain]
    /// The network's input first, and the others in the order in which they are written.
    ///
    /// Steps are: stem and pooling (0), every block (from 1), and the head. Lifetimes hold for every route: what a block
    /// that is skipped would have written is read within the block only, and its output, which others read, is written
    /// for every image by the shortcut.
    let featureMaps: [FeatureMapPlan]
    /// Index of the stem's output among them.
    let stemMap: Int
    /// Index of the pooling's output, or else of the stem's.
    let pooledMap: Int

    init(_ architecture: Architecture) {
        let wiring = NetworkWiring(architecture)
        var maps = FeatureMapTable(input: wiring.stem.convolution)
        // Without pooling, the blocks of the first stage add to it; one of them may sum rows even if the stem does not.
        stemMap = maps.add(wiring.stem.convolution.output, pooled: wiring.pooling == nil, step: 0)
        pooledMap = wiring.pooling.map { maps.add($0.output, pooled: true, step: 0) } ?? stemMap

        // Of each running sum.
        var sumMaps = [pooledMap]
        // Maps of a stage come into use together, so that one launch can make them ready.
        var stageStep = 0
        var blocks: [Block] = []
        var chains: [Chain] = []
        var chainIsOpen = false
        for (index, block) in wiring.blocks.enumerated() {
            let gate = block.gate.map { gate in
                if !chainIsOpen {
                    chains.append(Chain(settings: gate.settings, firstGate: gate.index, blockNames: []))
                }
                chains[chains.count - 1].blockNames.append(block.name)
                return (index: gate.index, chain: chains.count - 1)
            }
            chainIsOpen = block.gate != nil && block.shortcut == .identity

            let step = index + 1
            let inputMap = sumMaps[block.input.sum]
            maps.use(inputMap, step: step)
            if block.output.sum == sumMaps.count {
                stageStep = step
                sumMaps.append(maps.add(block.output.shape, pooled: true, step: step))
            }
            let outputMap = sumMaps[block.output.sum]
            let hiddenMaps = block.branch.dropLast().enumerated().map { index, layer in
                maps.scratch(layer.convolution.output, index, from: stageStep, step: step)
            }
            blocks.append(
                Block(wiring: block, maps: (inputMap, outputMap, hiddenMaps + [outputMap]), gate: gate))
        }
        maps.use(sumMaps[sumMaps.count - 1], step: blocks.count + 1)
        self.wiring = wiring
        self.blocks = blocks
        self.chains = chains
        featureMaps = maps.maps
    }

    /// Every operator of the network.
    var operators: [OperatorSettings] {
        var operators: [OperatorSettings] = [.convolution(wiring.stem.settings), .classifier(wiring.classifier)]
        if let pooling = wiring.pooling { operators.append(.pooling(pooling)) }
        for block in wiring.blocks {
            switch block.shortcut {
            case .identity: break
            case .projection(let layer): operators.append(.convolution(layer.settings))
            case .zeroPadded(let settings): operators.append(.zeroPaddedShortcut(settings))
            }
            operators += block.branch.map { .convolution($0.settings) }
        }
        return operators + chains.map { .gate($0.settings) }
    }
}

/// Collects feature maps and the steps that use them.
private struct FeatureMapTable {
    /// A map inside a branch: needed by one block at a time, and therefore shared by all blocks of a shape.
    private struct ScratchKey: Hashable {
        let shape: FeatureShape
        let index: Int
    }

    private(set) var maps: [FeatureMapPlan]
    private var scratchMaps: [ScratchKey: Int] = [:]

    init(input stem: ConvolutionSettings) {
        maps = [FeatureMapPlan(stem.input, .input(padding: stem.padding), lifetime: 0...0)]
    }

    mutating func add(_ shape: FeatureShape, pooled: Bool, step: Int) -> Int {
        maps.append(FeatureMapPlan(shape, .features(pooled: pooled), lifetime: step...step))
        return maps.count - 1
    }

    mutating func use(_ map: Int, step: Int) {
        maps[map].lifetime = maps[map].lifetime.lowerBound...step
    }

    /// - Parameter first: the step from which on the map is there if it is not yet.
    mutating func scratch(_ shape: FeatureShape, _ index: Int, from first: Int, step: Int) -> Int {
        let key = ScratchKey(shape: shape, index: index)
        let map = scratchMaps[key] ?? add(shape, pooled: false, step: first)
        scratchMaps[key] = map
        use(map, step: step)
        return map
    }
}

extension ConvolutionTuner {
    /// Times the candidates for every distinct convolution of a network, and keeps the winners.
    ///
    /// - Parameters:
    ///   - architecture: The network.
    ///   - images: The batch size that sessions will be planned for.
    ///   - progress: Called with each result, and with the share of the work that is done.
    /// - Returns: the results in the order of the network.
    /// - Throws: ``ConvolutionTuningError`` if no candidate works for one of the convolutions; `OpenCLError`, or
    ///   `BackendError` where the device has too little memory, if not even its input can be set up.
    @discardableResult
    public func tune(
        _ architecture: Architecture, images: Int, progress: (ConvolutionTuningResult, Double) -> Void = { _, _ in }
    ) throws -> [ConvolutionTuningResult] {
        let convolutions = NetworkPlan(architecture).operators.compactMap { settings -> FusedConvolutionSettings? in
            guard case .convolution(let convolution) = settings else { return nil }
            return convolution
        }
        return try tune(convolutions, images: images, progress: progress)
    }
}
