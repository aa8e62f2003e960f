import Operators

/// An architecture as settings of operators, before any backend is involved: what is fused into what, who sums rows for
/// whom, and which gates share a look at the same features.
struct NetworkPlan {
    enum Shortcut {
        case identity
        case projection(FusedConvolutionSettings)
        case zeroPadded(ZeroPaddedShortcutSettings)
    }

    struct Block {
        let name: String
        let output: FeatureShape
        let shortcut: Shortcut
        let branch: [FusedConvolutionSettings]
        /// Feature maps that the block reads and writes, and those that its convolutions write; the last is `output`'s.
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

    let stem: FusedConvolutionSettings
    let pooling: PoolingSettings?
    let blocks: [Block]
    let chains: [Chain]
    let classifier: ClassifierSettings
    let gateCount: Int
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
        let blocks = architecture.blocks
        // Pooled features are wanted by the next block's gate, or by the classifier. A block without a gate needs none,
        // and replaces them.
        func isPooled(before index: Int) -> Bool { index == blocks.count || blocks[index].isGated }

        let convolution = architecture.stemConvolution
        stem = FusedConvolutionSettings(
            convolution, activation: .relu,
            sumsRows: !architecture.stem.maxPooling && isPooled(before: 0))
        pooling =
            architecture.stem.maxPooling
            ? PoolingSettings(
                input: stem.convolution.output, kernel: 3, stride: 2, padding: 1, sumsRows: isPooled(before: 0)) : nil

        var maps = FeatureMapTable(input: convolution)
        // Without pooling it is what the blocks of the first stage add to, whose rows may be summed even if the stem's are not.
        stemMap = maps.add(stem.convolution.output, pooled: pooling == nil, step: 0)
        pooledMap = pooling.map { maps.add($0.output, pooled: true, step: 0) } ?? stemMap

        var features = pooling?.output ?? stem.convolution.output
        var featuresMap = pooledMap
        // Maps of a stage come into use together, so that one launch can make them ready.
        var stageStep = 0
        var planned: [Block] = []
        var chains: [Chain] = []
        var gateCount = 0
        var chainIsOpen = false
        for block in blocks {
            var gate: (index: Int, chain: Int)?
            if let description = block.gate {
                let settings = GateSettings(features: features, hidden: description.hidden)
                if !chainIsOpen {
                    chains.append(Chain(settings: settings, firstGate: gateCount, blockNames: []))
                }
                chains[chains.count - 1].blockNames.append(block.name)
                gate = (gateCount, chains.count - 1)
                gateCount += 1
            }
            chainIsOpen = block.isGated && block.shortcut == .identity

            let output = block.output
            let sumsRows = isPooled(before: block.index + 1)
            let shortcut: Shortcut
            if let convolution = block.shortcutConvolution {
                shortcut = .projection(
                    FusedConvolutionSettings(
                        convolution, activation: block.isGated ? .reluWhereClosed : .none,
                        sumsRows: sumsRows && block.isGated))
            } else if block.shortcut == .zeroPadded {
                shortcut = .zeroPadded(
                    ZeroPaddedShortcutSettings(
                        input: features, output: output, stride: block.stride, sumsRows: sumsRows && block.isGated))
            } else {
                shortcut = .identity
            }
            let convolutions = block.convolutions
            let branch = convolutions.enumerated().map { index, convolution in
                let isLast = index == convolutions.count - 1
                return FusedConvolutionSettings(
                    convolution, activation: .relu, addsToOutput: isLast, sumsRows: isLast && sumsRows)
            }
            let (step, inputMap) = (block.index + 1, featuresMap)
            maps.use(inputMap, step: step)
            if case .identity = shortcut {
            } else {
                stageStep = step
                featuresMap = maps.add(output, pooled: true, step: step)
            }
            let branchMaps = branch.indices.map { index in
                index == branch.count - 1
                    ? featuresMap : maps.scratch(branch[index].convolution.output, index, from: stageStep, step: step)
            }
            planned.append(
                Block(
                    name: block.name, output: output, shortcut: shortcut, branch: branch,
                    maps: (inputMap, featuresMap, branchMaps), gate: gate))
            features = output
        }
        maps.use(featuresMap, step: blocks.count + 1)
        featureMaps = maps.maps
        self.blocks = planned
        self.chains = chains
        self.gateCount = gateCount
        classifier = ClassifierSettings(features: features, classes: architecture.classes)
    }

    /// Every operator of the network.
    var operators: [OperatorSettings] {
        var operators: [OperatorSettings] = [.convolution(stem), .classifier(classifier)]
        if let pooling { operators.append(.pooling(pooling)) }
        for block in blocks {
            switch block.shortcut {
            case .identity: break
            case .projection(let settings): operators.append(.convolution(settings))
            case .zeroPadded(let settings): operators.append(.zeroPaddedShortcut(settings))
            }
            operators += block.branch.map { .convolution($0) }
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
    ///   - images: what sessions will be planned for.
    ///   - progress: called with each result, and with what share of the work is done.
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
