extension Session {
    /// Runs one batch and measures where its time goes.
    ///
    /// The first batches of a session are slower than those that follow: run some before, and take the median of several
    /// profiles with ``Profile/median(_:)``.
    ///
    /// - Parameters:
    ///   - input: Images x channels x height x width, normalised; 1 to ``batch`` images.
    ///   - policy: How the gates decide.
    ///   - firstImage: Number of the first image in the caller's count, for the random draws of a policy.
    /// - Throws: `BackendError.noProfile` if the session was made without `profiling`, ``SessionError`` if the input has
    ///   another shape, values that are not finite or too many images, ``GatePolicyError`` if the policy does not fit the
    ///   network, and `OpenCLError` for what the device reports.
    public func profile(
        _ input: Tensor, policy: GatePolicy = .argmax, firstImage: Int = 0
    ) throws -> Profile {
        try validate(input, policy)
        let policy = try resolved(policy)
        let images = input.shape[0]
        guard (1...batch).contains(images) else { throw SessionError.notOneBatch(images: images, batch: batch) }
        let table = GateTable(policy, gates: gatedBlocks.count, images: images, firstImage: firstImage)
        let recorded = try input.withUnsafeFloats { values in
            try validate(values, firstImage: firstImage)
            return try engine.record(values, count: images, table)
        }
        return Profile(self, recorded, images: images, asksGates: policy.asksGates)
    }
}

extension Profile {
    /// Names what a recorded batch of the session's network ran, and counts its work.
    ///
    /// - Parameters:
    ///   - batch: The recording and the results.
    ///   - images: Number of images of the batch.
    ///   - asksGates: Whether the decisions came from the gates.
    init(_ session: Session, _ batch: RecordedBatch, images: Int, asksGates: Bool) {
        let architecture = session.architecture
        let wiring = NetworkWiring(architecture)
        let cost = session.cost
        let gates = wiring.gateCount
        let result = batch.result

        func openImages(_ block: Int) -> Int {
            guard let gate = wiring.blocks[block].gate?.index else { return images }
            return (0..<images).count { result.decisions[$0 * gates + gate] }
        }
        func makeOperator(_ passage: Recording.Passage) -> Operator {
            let title: String
            var imageMACs = 0
            var computed = images
            switch passage.part {
            case .input: title = "pictures and thresholds to the device"
            case .stem:
                title = wiring.stem.convolution.title
                imageMACs = cost.stem.macs
            case .pooling: title = wiring.pooling?.title ?? "pooling"
            case .gate(let block):
                title = "gate"
                imageMACs = asksGates ? cost.blocks[block].gate.macs : 0
            case .shortcut(let block):
                switch wiring.blocks[block].shortcut {
                case .identity: title = "identity"
                case .projection(let layer): title = layer.convolution.title + ", shortcut"
                case .zeroPadded: title = "zero-padded shortcut"
                }
                imageMACs = cost.blocks[block].shortcut.macs
            case .decision: title = "decision to the host"
            case .branch(let block, let convolution):
                let settings = wiring.blocks[block].branch[convolution].convolution
                title = settings.title
                imageMACs = settings.macs
                computed = openImages(block)
            case .classifier:
                title = "classifier, \(architecture.featureChannels) to \(architecture.classes)"
                imageMACs = cost.head.macs
            case .output: title = "logits and decisions from the device"
            }
            return Operator(
                part: passage.part, title: title, launchedImages: passage.images, images: computed,
                macs: imageMACs * computed, commands: passage.commands, calls: passage.calls)
        }
        func name(_ part: NetworkPart) -> String {
            switch part {
            case .input: "input"
            case .stem: "stem"
            case .pooling: "pooling"
            case .gate(let block), .shortcut(let block), .decision(let block), .branch(let block, _):
                wiring.blocks[block].name
            case .classifier: "classifier"
            case .output: "output"
            }
        }

        var sections: [Section] = []
        var rest = batch.recording.passages[...]
        while let first = rest.first {
            let isSame: (Recording.Passage) -> Bool = { passage in
                passage.part.block != nil ? passage.part.block == first.part.block : passage.part == first.part
            }
            let group = rest.prefix(while: isSame)
            rest = rest.dropFirst(group.count)
            sections.append(
                Section(
                    name: name(first.part), block: first.part.block,
                    decider: first.part.block.flatMap { wiring.blocks[$0].gate.map { batch.deciders[$0.index] } },
                    images: first.part.block.map(openImages) ?? images,
                    operators: group.map(makeOperator).filter { $0.macs > 0 || !$0.calls.isEmpty }))
        }

        var output = Session.Output(images: images, classes: architecture.classes, gates: gates)
        output.append(result, asksGates: asksGates)
        self.init(
            architecture: architecture.name, deviceName: session.deviceName, scheduling: session.scheduling,
            costs: batch.costs, images: images, denseMACs: cost.macs * images, output: output,
            wallTime: batch.recording.wallTime, sections: sections)
    }
}

extension ConvolutionSettings {
    fileprivate var title: String {
        "\(kernel)x\(kernel) convolution" + (stride > 1 ? " of stride \(stride)" : "")
            + ", \(input.channels) to \(outputChannels) channels, \(output.height) x \(output.width)"
    }
}

extension PoolingSettings {
    fileprivate var title: String { "\(kernel)x\(kernel) max pooling, \(output.height) x \(output.width)" }
}
