import ConvNetAIG
import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    public final class Normalization {
        let problem: TrainingNormalizationProblem
        /// Mean, 1 / deviation and what follows from them, see TrainingNormalization.cl.
        let state: Buffer
        /// Of each image, [2][capacity][channels]: those of the forward pass, and then those of the backward pass.
        let imageSums: Buffer

        init(problem: TrainingNormalizationProblem, state: Buffer, imageSums: Buffer) {
            self.problem = problem
            self.state = state
            self.imageSums = imageSums
        }

        var channels: Int { problem.shape.paddedChannels }
    }

    /// Rows of a normalization's state, a gate's too: see TrainingNormalization.cl.
    static let stateRows = 7

    public func makeNormalization(_ problem: TrainingNormalizationProblem, images: Int) throws -> Normalization {
        let channels = problem.shape.paddedChannels
        return Normalization(
            problem: problem, state: try allocate(Self.stateRows * channels, images: images),
            imageSums: try allocate(2 * images * channels, images: images))
    }

    public func useRunningStatistics(_ normalization: Normalization) throws {
        let problem = normalization.problem
        try useRunningStatistics(
            state: normalization.state, gamma: problem.gamma, beta: problem.beta, runningMean: problem.runningMean,
            runningVariance: problem.runningVariance, channels: normalization.channels)
    }

    /// - Parameter channels: of the state, which is a gate's or a normalization's.
    func useRunningStatistics(
        state: Buffer, gamma: Int, beta: Int, runningMean: Int, runningVariance: Int, channels: Int
    ) throws {
        try launch(
            kernel(NormalizationVariant(kernel: "use_running_statistics")), NDRange(channels / traits.vectorWidth),
            .buffer(buffer(.parameters)), .buffer(buffer(.statistics)), .buffer(state), .integer(gamma),
            .integer(beta), .integer(runningMean), .integer(runningVariance),
            .number(TrainingNormalizationProblem.epsilon), .integer(channels))
    }

    private func kernel(_ variant: NormalizationVariant) -> TrainingKernel {
        if let kernel = normalizationKernels[variant] { return kernel }
        let kernel = kernel(variant.kernel, variant.program(traits))
        normalizationKernels[variant] = kernel
        return kernel
    }

    /// Work-items for every vector of channels of every image.
    private func planes(_ normalization: Normalization) -> NDRange {
        NDRange(normalization.channels / traits.vectorWidth, images)
    }

    public func measure(_ normalization: Normalization, _ y: Maps) throws {
        let (problem, channels) = (normalization.problem, normalization.channels)
        try launch(
            kernel(NormalizationVariant(kernel: "measure_images")), planes(normalization), .buffer(y.values),
            .buffer(normalization.imageSums), .integer(capacity), .integer(channels), .integer(problem.shape.height),
            .integer(problem.shape.width))
        try launch(
            kernel(NormalizationVariant(kernel: "measure_batch")), NDRange(channels / traits.vectorWidth),
            .buffer(normalization.imageSums), .buffer(buffer(.parameters)), .buffer(normalization.state),
            .buffer(buffer(.statistics)), .integer(problem.gamma), .integer(problem.beta),
            .integer(problem.runningMean), .integer(problem.runningVariance),
            .number(TrainingNormalizationProblem.momentum), .number(TrainingNormalizationProblem.epsilon),
            .integer(images), .integer(capacity), .integer(channels), .integer(problem.shape.pixels))
    }

    public func activate(
        _ normalization: Normalization, _ y: Maps, factors: BranchFactors?,
        shortcut: TrainingShortcut<Maps, Normalization>?, to output: Maps, pooled: Vectors?
    ) throws {
        var variant = NormalizationVariant(kernel: "activate")
        variant.isGated = factors != nil
        variant.isPooled = pooled != nil
        var (values, state) = (unused, unused)
        switch shortcut {
        case .maps(let maps):
            variant.shortcut = .maps
            values = maps.values
        case .normalized(let other, let maps):
            variant.shortcut = .normalized
            (values, state) = (maps.values, other.state)
        case nil: break
        }
        let shape = normalization.problem.shape
        try launch(
            kernel(variant), planes(normalization), .buffer(y.values), .buffer(normalization.state), .buffer(values),
            .buffer(state), .buffer(factors?.values ?? unused), .buffer(output.values),
            .buffer(pooled?.values ?? unused), .integer(normalization.channels), .integer(shape.height),
            .integer(shape.width))
    }

    public func backwardThroughOutput(
        _ gradient: Maps, isEmpty: Bool, pooledGradient: Vectors?, output: Maps,
        branch: (Normalization, Maps), shortcut: (Normalization, Maps)?
    ) throws {
        let (normalization, y) = branch
        var variant = NormalizationVariant(kernel: "backward_output")
        variant.isEmpty = isEmpty
        variant.isPooled = pooledGradient != nil
        variant.shortcut = shortcut == nil ? .none : .normalized
        let shape = normalization.problem.shape
        try launch(
            kernel(variant), planes(normalization), .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(output.values), .buffer(y.values),
            .buffer(normalization.state), .buffer(normalization.imageSums), .buffer(shortcut?.1.values ?? unused),
            .buffer(shortcut?.0.state ?? unused), .buffer(shortcut?.0.imageSums ?? unused), .integer(capacity),
            .integer(normalization.channels), .integer(shape.height), .integer(shape.width))
    }

    public func sumGradient(
        _ normalization: Normalization, _ y: Maps, gradient: Maps, pooledGradient: Vectors?
    ) throws {
        var variant = NormalizationVariant(kernel: "sum_gradient")
        variant.isPooled = pooledGradient != nil
        let shape = normalization.problem.shape
        try launch(
            kernel(variant), planes(normalization), .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(y.values), .buffer(normalization.state),
            .buffer(normalization.imageSums), .integer(capacity), .integer(normalization.channels),
            .integer(shape.height), .integer(shape.width))
    }

    public func finishSums(_ normalization: Normalization, factors: BranchFactors?) throws {
        var variant = NormalizationVariant(kernel: "finish_sums")
        variant.isGated = factors != nil
        let problem = normalization.problem
        try launch(
            kernel(variant), NDRange(normalization.channels / traits.vectorWidth), .buffer(normalization.imageSums),
            .buffer(factors?.values ?? unused), .buffer(normalization.state), .buffer(buffer(.gradients)),
            .integer(problem.gamma), .integer(problem.beta), .integer(images), .integer(capacity),
            .integer(normalization.channels), .integer(problem.shape.pixels))
    }

    public func backwardThroughNormalization(
        _ normalization: Normalization, _ y: Maps, gradient: Maps, factors: BranchFactors?, rectified: Bool,
        pooledGradient: Vectors?, to result: Maps
    ) throws {
        var variant = NormalizationVariant(kernel: "backward_normalization")
        variant.isGated = factors != nil
        variant.isRectified = rectified
        variant.isPooled = pooledGradient != nil
        let shape = normalization.problem.shape
        try launch(
            kernel(variant), planes(normalization), .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(y.values), .buffer(normalization.state),
            .buffer(factors?.values ?? unused), .buffer(result.values), .integer(normalization.channels),
            .integer(shape.height), .integer(shape.width))
    }
}
