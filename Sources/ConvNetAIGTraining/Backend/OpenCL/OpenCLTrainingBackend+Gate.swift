import ConvNetAIG
import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    public final class Gate {
        let problem: TrainingGateProblem
        /// Among all gates.
        let index: Int
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
            problem: TrainingGateProblem, index: Int, images: Int, stride: Int, on backend: OpenCLTrainingBackend
        ) throws {
            self.problem = problem
            self.index = index
            hidden = try backend.allocate(images * stride, images: images)
            hiddenGradient = try backend.allocate(images * stride, images: images)
            state = try backend.allocate(OpenCLTrainingBackend.stateRows * stride, images: images)
            soft = try backend.allocate(images, images: images)
            decisions = try backend.allocate(images, images: images)
            logitGradient = try backend.allocate(images, images: images)
            noise = try backend.allocate(2 * images, images: images)
            stagedNoise = StagedValues(repeating: 0, count: 2 * images, queue: backend.queue)
        }

        var stride: Int { ChannelBlock.padded(problem.channels) }
        var hiddenStride: Int { ChannelBlock.padded(problem.hidden) }
    }

    public func makeGate(_ problem: TrainingGateProblem, images: Int) throws -> Gate {
        let gate = try Gate(
            problem: problem, index: gates.count, images: images, stride: ChannelBlock.padded(problem.hidden), on: self)
        gates.append(gate)
        return gate
    }

    public func useRunningStatistics(_ gate: Gate) throws {
        gate.usesRunningStatistics = true
        let problem = gate.problem
        try useRunningStatistics(
            state: gate.state, gamma: problem.gamma, beta: problem.beta, runningMean: problem.runningMean,
            runningVariance: problem.runningVariance, channels: gate.hiddenStride)
    }

    private func gateKernel(_ name: String) -> TrainingKernel {
        kernel(name, ProgramDescriptor(.trainingGate, traits, [:]))
    }

    public func decide(_ gate: Gate, features: Vectors, noise: [Float], temperature: Float) throws {
        let problem = gate.problem
        gate.temperature = temperature
        try gate.stagedNoise.send(noise.prefix(2 * images), to: gate.noise)
        try launch(
            gateKernel("gate_hidden"), NDRange(images), .buffer(features.values), .buffer(buffer(.parameters)),
            .buffer(gate.hidden), .integer(problem.fc1Weight), .integer(problem.fc1Bias),
            .integer(gate.usesRunningStatistics ? 0 : 1), .integer(problem.channels), .integer(gate.stride),
            .integer(problem.hidden), .integer(gate.hiddenStride))
        if !gate.usesRunningStatistics { try measure(gate, features) }
        try launch(
            gateKernel("gate_decide"), NDRange(images), .buffer(gate.hidden), .buffer(buffer(.parameters)),
            .buffer(gate.state), .buffer(gate.noise), .buffer(gate.soft), .buffer(gate.decisions),
            .integer(problem.fc2Weight), .integer(problem.fc2Bias), .number(temperature), .integer(problem.hidden),
            .integer(gate.hiddenStride))
    }

    private func measure(_ gate: Gate, _ features: Vectors) throws {
        let problem = gate.problem
        try launch(
            gateKernel("gate_statistics"), NDRange(gate.hiddenStride / traits.vectorWidth),
            .buffer(features.values), .buffer(gate.hidden), .buffer(buffer(.parameters)), .buffer(gate.state),
            .buffer(buffer(.statistics)), .integer(problem.fc1Weight), .integer(problem.fc1Bias),
            .integer(problem.gamma), .integer(problem.beta), .integer(problem.runningMean),
            .integer(problem.runningVariance),
            .number(TrainingNormalizationProblem.momentum), .number(TrainingNormalizationProblem.epsilon),
            .integer(images), .integer(problem.channels), .integer(problem.hidden), .integer(gate.hiddenStride))
    }

    public func backward(
        _ gate: Gate, normalization: Normalization, targetRate: Float, rateGradient: Float, features: Vectors,
        to gradient: Vectors
    ) throws {
        let problem = gate.problem
        try launch(
            gateKernel("gate_backward_decision"), NDRange(images), .buffer(normalization.imageSums),
            .buffer(normalization.state), .buffer(gate.hidden), .buffer(buffer(.parameters)), .buffer(gate.state),
            .buffer(gate.soft), .buffer(gate.decisions), .buffer(gate.logitGradient), .buffer(gate.hiddenGradient),
            .integer(problem.fc2Weight), .number(gate.temperature), .number(targetRate), .number(rateGradient),
            .integer(images), .integer(capacity), .integer(normalization.channels), .integer(problem.hidden),
            .integer(gate.hiddenStride))
        if !gate.usesRunningStatistics {
            try launch(
                gateKernel("gate_backward_statistics"), NDRange(gate.hiddenStride / traits.vectorWidth),
                .buffer(gate.hidden), .buffer(gate.hiddenGradient), .buffer(gate.state), .buffer(buffer(.gradients)),
                .integer(problem.gamma), .integer(problem.beta), .integer(images), .integer(gate.hiddenStride))
        }
        try launch(
            gateKernel("gate_backward_features"), NDRange(images), .buffer(gate.hidden),
            .buffer(gate.hiddenGradient), .buffer(gate.state), .buffer(buffer(.parameters)),
            .buffer(gradient.values), .integer(problem.fc1Weight), .integer(problem.channels), .integer(gate.stride),
            .integer(problem.hidden), .integer(gate.hiddenStride))
        if gate.usesRunningStatistics { return }
        try launch(
            gateKernel("gate_backward_parameters"), NDRange(problem.hidden), .buffer(features.values),
            .buffer(gate.hidden), .buffer(gate.hiddenGradient), .buffer(gate.logitGradient), .buffer(gate.state),
            .buffer(buffer(.gradients)), .integer(problem.fc1Weight), .integer(problem.fc1Bias),
            .integer(problem.fc2Weight), .integer(problem.fc2Bias), .integer(images), .integer(problem.channels),
            .integer(gate.stride), .integer(problem.hidden), .integer(gate.hiddenStride))
    }
}
