import ConvNetAIG
import Operators
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

    private func optimizerKernel(_ name: String) -> TrainingKernel {
        kernel(name, ProgramDescriptor(.optimizer, traits, ["CHUNK": Self.chunk]))
    }

    func makeOutcome(_ layout: ParameterLayout) throws {
        let chunks = (layout.parameterCount + Self.chunk - 1) / Self.chunk
        outcome = OutcomeMemory(
            partial: try allocate(chunks, images: 1), norm: try allocate(2, images: 1), chunks: chunks)
    }

    package func update(_ settings: StepSettings) throws {
        guard let layout, let outcome else { return }
        try launch(
            optimizerKernel("square_sums"), NDRange(outcome.chunks), .buffer(buffer(.gradients)),
            .buffer(outcome.partial), .integer(layout.parameterCount))
        try launch(
            optimizerKernel("finish_norm"), NDRange(1), .buffer(outcome.partial), .buffer(outcome.norm),
            .integer(outcome.chunks), .number(settings.clipNorm ?? 0))
        for group in ParameterGroup.allCases {
            guard let range = layout.groups[group], !range.isEmpty else { continue }
            let settingsOfGroup = settings[group]
            try launch(
                optimizerKernel("update"), NDRange(range.count / ParameterLayout.alignment),
                .buffer(buffer(.parameters)), .buffer(buffer(.gradients)), .buffer(buffer(.momentum)),
                .buffer(buffer(.average)), .buffer(outcome.norm), .integer(range.lowerBound),
                .number(settingsOfGroup.learningRate), .number(settingsOfGroup.weightDecay),
                .number(settings.momentum), .integer(settings.nesterov ? 1 : 0),
                .number(settings.averageDecay ?? -1))
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
