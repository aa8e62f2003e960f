/// An architecture as operator problems, before any backend is involved: what is fused into what, who sums rows for
/// whom, and which gates share a look at the same features.
struct NetworkPlan {
    enum Shortcut {
        case identity
        case projection(ConvolutionProblem)
        case zeroPadded(ZeroPaddedShortcutProblem)
    }

    struct Block {
        let name: String
        let output: FeatureShape
        let shortcut: Shortcut
        let branch: [ConvolutionProblem]
        /// The block's place among all gates, and the chain it belongs to.
        let gate: (index: Int, chain: Int)?
    }

    /// Gates that see the same features as long as none of them opens: those of consecutive blocks, up to and including
    /// the first whose shortcut changes the features even where the branch is skipped.
    struct Chain {
        let problem: GateProblem
        let firstGate: Int
        var blockNames: [String]
    }

    let stem: ConvolutionProblem
    let pooling: PoolingProblem?
    let blocks: [Block]
    let chains: [Chain]
    let classifier: ClassifierProblem
    let gateCount: Int

    init(_ architecture: Architecture) {
        let blocks = architecture.blocks
        // Pooled features are wanted by the next block's gate, or by the classifier. A block without a gate needs none,
        // and replaces them.
        func isPooled(before index: Int) -> Bool { index == blocks.count || blocks[index].isGated }

        let convolution = architecture.stemConvolution
        stem = ConvolutionProblem(
            convolution, source: .image, activation: .relu,
            sumsRows: !architecture.stem.maxPooling && isPooled(before: 0))
        pooling =
            architecture.stem.maxPooling
            ? PoolingProblem(input: stem.output, kernel: 3, stride: 2, padding: 1, sumsRows: isPooled(before: 0)) : nil

        var features = pooling?.output ?? stem.output
        var planned: [Block] = []
        var chains: [Chain] = []
        var gateCount = 0
        var chainIsOpen = false
        for block in blocks {
            var gate: (index: Int, chain: Int)?
            if let description = block.gate {
                let problem = GateProblem(features: features, hidden: description.hidden)
                if !chainIsOpen {
                    chains.append(Chain(problem: problem, firstGate: gateCount, blockNames: []))
                }
                chains[chains.count - 1].blockNames.append(block.name)
                gate = (gateCount, chains.count - 1)
                gateCount += 1
            }
            chainIsOpen = block.isGated && block.shortcut == .identity

            let output = FeatureShape(
                channels: block.outputChannels, height: block.outputHeight, width: block.outputWidth)
            let sumsRows = isPooled(before: block.index + 1)
            let shortcut: Shortcut
            if let convolution = block.shortcutConvolution {
                shortcut = .projection(
                    ConvolutionProblem(
                        convolution, activation: block.isGated ? .reluWhereClosed : .none,
                        sumsRows: sumsRows && block.isGated))
            } else if block.shortcut == .zeroPadded {
                shortcut = .zeroPadded(
                    ZeroPaddedShortcutProblem(
                        input: features, output: output, stride: block.stride, sumsRows: sumsRows && block.isGated))
            } else {
                shortcut = .identity
            }
            let convolutions = block.convolutions
            let branch = convolutions.enumerated().map { index, convolution in
                let isLast = index == convolutions.count - 1
                return ConvolutionProblem(
                    convolution, activation: .relu, addsToOutput: isLast, sumsRows: isLast && sumsRows)
            }
            planned.append(
                Block(name: block.name, output: output, shortcut: shortcut, branch: branch, gate: gate))
            features = output
        }
        self.blocks = planned
        self.chains = chains
        self.gateCount = gateCount
        classifier = ClassifierProblem(features: features, classes: architecture.classes)
    }

    /// Every operator of the network.
    var problems: [OperatorProblem] {
        var problems: [OperatorProblem] = [.convolution(stem), .classifier(classifier)]
        if let pooling { problems.append(.pooling(pooling)) }
        for block in blocks {
            switch block.shortcut {
            case .identity: break
            case .projection(let problem): problems.append(.convolution(problem))
            case .zeroPadded(let problem): problems.append(.zeroPaddedShortcut(problem))
            }
            problems += block.branch.map { .convolution($0) }
        }
        return problems + chains.map { .gate($0.problem) }
    }
}

extension ConvolutionProblem {
    init(
        _ shape: ConvolutionShape, source: Source = .features, activation: Activation, addsToOutput: Bool = false,
        sumsRows: Bool
    ) {
        self.init(
            source: source,
            input: FeatureShape(channels: shape.inputChannels, height: shape.inputHeight, width: shape.inputWidth),
            outputChannels: shape.outputChannels, kernel: shape.kernel, stride: shape.stride, padding: shape.padding,
            activation: activation, addsToOutput: addsToOutput, sumsRows: sumsRows)
    }
}
