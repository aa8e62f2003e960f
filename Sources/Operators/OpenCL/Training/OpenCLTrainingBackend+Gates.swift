import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    package final class Gate {
        let settings: TrainingGateSettings
        /// [image][hidden, rounded up to 16]: fc1's output, in training less that of the first image, and the gradient of what
        /// is hidden.
        let hidden: Buffer
        let hiddenGradient: Buffer
        /// See TrainingNormalization.cl.
        let state: Buffer
        /// Of each image: the softmax's probability of "execute", the decision, and the gradient of its logit.
        let soft: Buffer
        let decisions: Buffer
        let logitGradient: Buffer
        let noise: Buffer
        let stagedNoise: StagedValues<Float>
        var temperature: Float = 1
        var usesRunningStatistics = false

        init(
            _ settings: TrainingGateSettings, images: Int, stride: Int, on backend: OpenCLTrainingBackend
        ) throws {
            self.settings = settings
            hidden = try backend.allocate(perImage: stride, images: images)
            hiddenGradient = try backend.allocate(perImage: stride, images: images)
            state = try backend.allocate(perImage: OpenCLTrainingBackend.stateRows * stride, images: 1)
            soft = try backend.allocate(images: images)
            decisions = try backend.allocate(images: images)
            logitGradient = try backend.allocate(images: images)
            noise = try backend.allocate(perImage: 2, images: images)
            stagedNoise = StagedValues(repeating: 0, count: 2 * images, queue: backend.queue)
        }

        var stride: Int { ChannelBlock.padded(settings.channels) }
        var hiddenStride: Int { ChannelBlock.padded(settings.hidden) }
    }

    package func makeGate(_ settings: TrainingGateSettings, images: Int) throws -> Gate {
        try Gate(settings, images: images, stride: ChannelBlock.padded(settings.hidden), on: self)
    }

    package func useRunningStatistics(_ gate: Gate) throws {
        gate.usesRunningStatistics = true
        let settings = gate.settings
        try useRunningStatistics(
            state: gate.state, gamma: settings.gamma, beta: settings.beta, runningMean: settings.runningMean,
            runningVariance: settings.runningVariance, channels: gate.hiddenStride)
    }

    private func gateKernel(_ name: String) throws -> BoundKernel {
        try kernel(name, ProgramDescriptor(traits.hasLanes ? .sharedGate : .trainingGate, traits, [:]))
    }

    /// Launches a kernel for each image, unit, or vector of units.
    ///
    /// - Parameters:
    ///   - count: of these.
    ///   - groups: where work-items run side by side and share them.
    ///   - hasScratch: whether the kernel that they share has local memory.
    private func launch(
        _ name: String, _ count: Int, groups: NDRange, items: Int = 64, hasScratch: Bool = true,
        _ arguments: BoundKernel.Argument...
    ) throws {
        try launch(name, count, groups: groups, items: items, hasScratch: hasScratch, arguments)
    }

    private func launch(
        _ name: String, _ count: Int, groups: NDRange, items: Int = 64, hasScratch: Bool = true,
        _ arguments: [BoundKernel.Argument]
    ) throws {
        let kernel = try gateKernel(name)
        if traits.hasLanes {
            return try executor.launchGroups(kernel, groups, items: items, hasScratch: hasScratch, arguments)
        }
        try kernel.bind(arguments)
        try executor.launch(kernel, global: NDRange(count))
    }

    package func decide(_ gate: Gate, features: Vectors, noise: [Float], temperature: Float) throws {
        let settings = gate.settings
        gate.temperature = temperature
        try gate.stagedNoise.send(noise.prefix(2 * images), to: gate.noise)
        try launch(
            "gate_hidden", images, groups: NDRange(images), items: 256, .buffer(features.values),
            .buffer(buffer(.parameters)),
            .buffer(gate.hidden), .integer(settings.fc1Weight), .integer(settings.fc1Bias),
            .integer(gate.usesRunningStatistics ? 0 : 1), .integer(settings.channels), .integer(gate.stride),
            .integer(settings.hidden), .integer(gate.hiddenStride))
        if !gate.usesRunningStatistics { try measure(gate, features) }
        try launch(
            "gate_decide", images, groups: NDRange(images), items: 16, .buffer(gate.hidden),
            .buffer(buffer(.parameters)),
            .buffer(gate.state), .buffer(gate.noise), .buffer(gate.soft), .buffer(gate.decisions),
            .integer(settings.fc2Weight), .integer(settings.fc2Bias), .number(temperature), .integer(settings.hidden),
            .integer(gate.hiddenStride))
    }

    private func measure(_ gate: Gate, _ features: Vectors) throws {
        let settings = gate.settings
        try launch(
            "gate_statistics", gate.hiddenStride / traits.vectorWidth,
            groups: NDRange(gate.hiddenStride / ChannelBlock.size), items: 256,
            .buffer(features.values), .buffer(gate.hidden), .buffer(buffer(.parameters)), .buffer(gate.state),
            .buffer(buffer(.statistics)), .integer(settings.fc1Weight), .integer(settings.fc1Bias),
            .integer(settings.gamma), .integer(settings.beta), .integer(settings.runningMean),
            .integer(settings.runningVariance),
            .number(TrainingNormalizationSettings.momentum), .number(TrainingNormalizationSettings.epsilon),
            .integer(images), .integer(settings.channels), .integer(settings.hidden), .integer(gate.hiddenStride))
    }

    package func backward(
        _ gate: Gate, normalization: Normalization, targetRate: Float, rateGradient: Float, features: Vectors,
        to gradient: Vectors
    ) throws {
        let settings = gate.settings
        var arguments: [BoundKernel.Argument] = [
            .buffer(normalization.imageSums),
            .buffer(normalization.state), .buffer(gate.hidden), .buffer(buffer(.parameters)), .buffer(gate.state),
            .buffer(gate.soft), .buffer(gate.decisions), .buffer(gate.logitGradient), .buffer(gate.hiddenGradient),
            .integer(settings.fc2Weight), .number(gate.temperature), .number(targetRate), .number(rateGradient),
            .integer(images), .integer(capacity), .integer(normalization.channels), .integer(settings.hidden),
            .integer(gate.hiddenStride),
        ]
        if traits.hasLanes { arguments.append(.integer(normalization.parts)) }
        try launch("gate_backward_decision", images, groups: NDRange(images), arguments)
        if !gate.usesRunningStatistics {
            try launch(
                "gate_backward_statistics", gate.hiddenStride / traits.vectorWidth,
                groups: NDRange(gate.hiddenStride / ChannelBlock.size), items: 256,
                .buffer(gate.hidden), .buffer(gate.hiddenGradient), .buffer(gate.state), .buffer(buffer(.gradients)),
                .integer(settings.gamma), .integer(settings.beta), .integer(images), .integer(gate.hiddenStride))
        }
        try launch(
            "gate_backward_features", images, groups: NDRange(images), hasScratch: false, .buffer(gate.hidden),
            .buffer(gate.hiddenGradient), .buffer(gate.state), .buffer(buffer(.parameters)),
            .buffer(gradient.values), .integer(settings.fc1Weight), .integer(settings.channels), .integer(gate.stride),
            .integer(settings.hidden), .integer(gate.hiddenStride))
        if gate.usesRunningStatistics { return }
        try launch(
            "gate_backward_parameters", settings.hidden,
            groups: NDRange(settings.hidden, gate.stride / ChannelBlock.size), .buffer(features.values),
            .buffer(gate.hidden), .buffer(gate.hiddenGradient), .buffer(gate.logitGradient), .buffer(gate.state),
            .buffer(buffer(.gradients)), .integer(settings.fc1Weight), .integer(settings.fc1Bias),
            .integer(settings.fc2Weight), .integer(settings.fc2Bias), .integer(images), .integer(settings.channels),
            .integer(gate.stride), .integer(settings.hidden), .integer(gate.hiddenStride))
    }
}

extension OpenCLTrainingBackend {
    package final class BranchFactors {
        /// Of each image.
        let values: Buffer
        /// nil for a gate's decisions, which the device makes.
        private let staged: StagedValues<Float>?

        init(values: Buffer, staged: StagedValues<Float>? = nil) {
            self.values = values
            self.staged = staged
        }

        func send(_ factors: [Float]) throws {
            guard let staged else { throw BackendError.notAnInput }
            try staged.send(factors, to: values)
        }
    }

    package func makeBranchFactors(images: Int) throws -> BranchFactors {
        BranchFactors(
            values: try allocate(images: images),
            staged: StagedValues(repeating: 0, count: images, queue: queue))
    }

    package func upload(_ values: [Float], to factors: BranchFactors) throws { try factors.send(values) }

    package func decisions(of gate: Gate) -> BranchFactors { BranchFactors(values: gate.decisions) }
}
