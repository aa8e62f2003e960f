import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    /// Where a step's gradients are measured.
    struct OutcomeMemory {
        /// A sum of squares for each chunk of the gradients.
        let partial: Buffer
        /// The norm, and what gradients are multiplied by.
        let norm: Buffer
        let chunks: Int
    }

    private static let chunk = 4096

    private func optimizerKernel(_ name: String) throws -> BoundKernel {
        try kernel(name, ProgramDescriptor(.optimizer, traits, ["CHUNK": Self.chunk]))
    }

    func makeOutcome(_ sizes: ParameterSizes) throws {
        let chunks = (sizes.parameters + Self.chunk - 1) / Self.chunk
        outcome = OutcomeMemory(
            partial: try allocate(perImage: chunks, images: 1), norm: try allocate(perImage: 2, images: 1),
            chunks: chunks)
    }

    package func update(_ settings: OptimizerSettings) throws {
        guard let sizes, let outcome else { return }
        let (squares, norm) = (try optimizerKernel("square_sums"), try optimizerKernel("finish_norm"))
        let squaresArguments: [BoundKernel.Argument] = [
            .buffer(buffer(.gradients)), .buffer(outcome.partial), .integer(sizes.parameters),
        ]
        let normArguments: [BoundKernel.Argument] = [
            .buffer(outcome.partial), .buffer(outcome.norm), .integer(outcome.chunks),
            .number(settings.clipNorm ?? 0),
        ]
        if traits.hasLanes {
            try executor.launchGroups(squares, NDRange(outcome.chunks), items: 256, squaresArguments)
            try executor.launchGroups(norm, NDRange(1), items: 256, normArguments)
        } else {
            try squares.bind(squaresArguments)
            try executor.launch(squares, global: NDRange(outcome.chunks))
            try norm.bind(normArguments)
            try executor.launch(norm, global: NDRange(1))
        }
        for group in ParameterGroup.allCases {
            guard let range = sizes.groups[group], !range.isEmpty, let own = settings.groups[group] else { continue }
            let update = try optimizerKernel("update")
            try update.bind([
                .buffer(buffer(.parameters)), .buffer(buffer(.gradients)), .buffer(buffer(.momentum)),
                .buffer(buffer(.average)), .buffer(outcome.norm), .integer(range.lowerBound),
                .number(own.learningRate), .number(own.weightDecay),
                .number(settings.momentum), .integer(settings.nesterov ? 1 : 0),
                .number(settings.averageDecay ?? -1), .integer(range.count),
            ])
            if traits.hasLanes {
                try executor.launchNeighbours(update, NDRange(range.count / traits.vectorWidth))
            } else {
                try executor.launch(update, global: NDRange(range.count / ParameterSizes.alignment))
            }
        }
    }

    package func result(_ classifier: Classifier, gates: [Gate]) throws -> StepOutcome {
        guard let outcome else { throw BackendError.notPooled }
        // In order, so that the last read waits for everything before it.
        let decisions = try gates.map {
            try queue.read(from: $0.decisions, as: Float.self, count: images).map { $0 > 0 }
        }
        return StepOutcome(
            logits: try queue.read(
                from: classifier.logits, as: Float.self, count: images * classifier.settings.classes),
            losses: try queue.read(from: classifier.losses, as: Float.self, count: images), decisions: decisions,
            gradientNorm: try queue.read(from: outcome.norm, as: Float.self, count: 1)[0])
    }
}

// MARK: Attack

extension OpenCLTrainingBackend {
    package func perturb(
        _ input: FeatureMaps, from original: FeatureMaps, along gradient: FeatureMaps, _ perturbation: Perturbation
    ) throws {
        let shape = input.shape
        let kernel = try kernel("perturb", ProgramDescriptor(.attack, traits, [:]))
        try kernel.bind([
            .buffer(input.values), .buffer(original.values), .buffer(gradient.values),
            .buffer(try limits(perturbation)), .integer(shape.channels), .integer(shape.height),
            .integer(shape.width), .integer(input.layout.halo),
        ])
        if traits.hasLanes {
            try executor.launchNeighbours(kernel, NDRange(shape.pixels, shape.channels, images))
        } else {
            try executor.launch(kernel, global: NDRange(shape.height, shape.channels, images))
        }
    }

    /// A perturbation on the device. The steps of an attack are alike, so the last one is kept.
    private func limits(_ perturbation: Perturbation) throws -> Buffer {
        if let known = perturbationLimits, known.perturbation == perturbation { return known.buffer }
        let values = perturbation.step + perturbation.bound + perturbation.lowest + perturbation.highest
        let buffer = try Buffer(context: runtime.context, copying: values, access: .readOnly)
        perturbationLimits = (perturbation, buffer)
        return buffer
    }
}
