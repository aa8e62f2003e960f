import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    package final class Normalization {
        let settings: TrainingNormalizationSettings
        /// Mean, 1 / deviation and what follows from them, see TrainingNormalization.cl.
        let state: Buffer
        /// Of each image, [2][capacity][channels]: those of the forward pass, and then those of the backward pass.
        let imageSums: Buffer

        init(settings: TrainingNormalizationSettings, state: Buffer, imageSums: Buffer) {
            self.settings = settings
            self.state = state
            self.imageSums = imageSums
        }

        var channels: Int { settings.features.paddedChannels }
    }

    /// Rows of a normalization's state, a gate's too: see TrainingNormalization.cl.
    static let stateRows = 7

    package func makeNormalization(_ settings: TrainingNormalizationSettings, images: Int) throws -> Normalization {
        let channels = settings.features.paddedChannels
        return Normalization(
            settings: settings, state: try allocate(perImage: Self.stateRows * channels, images: 1),
            imageSums: try allocate(perImage: 2 * channels, images: images))
    }

    package func useRunningStatistics(_ normalization: Normalization) throws {
        let settings = normalization.settings
        try useRunningStatistics(
            state: normalization.state, gamma: settings.gamma, beta: settings.beta, runningMean: settings.runningMean,
            runningVariance: settings.runningVariance, channels: normalization.channels)
    }

    /// - Parameter channels: of the state, which is a gate's or a normalization's.
    func useRunningStatistics(
        state: Buffer, gamma: Int, beta: Int, runningMean: Int, runningVariance: Int, channels: Int
    ) throws {
        try executor.launch(
            kernel(NormalizationVariant(kernel: "use_running_statistics")), NDRange(channels / traits.vectorWidth),
            .buffer(buffer(.parameters)), .buffer(buffer(.statistics)), .buffer(state), .integer(gamma),
            .integer(beta), .integer(runningMean), .integer(runningVariance),
            .number(TrainingNormalizationSettings.epsilon), .integer(channels))
    }

    private func kernel(_ variant: NormalizationVariant) throws -> BoundKernel {
        if let kernel = normalizationKernels[variant] { return kernel }
        let kernel = try kernel(variant.kernel, variant.program(traits))
        normalizationKernels[variant] = kernel
        return kernel
    }

    /// Work-items for every vector of channels of every image.
    private func planes(_ normalization: Normalization) -> NDRange {
        NDRange(normalization.channels / traits.vectorWidth, images)
    }

    package func measure(_ normalization: Normalization, _ y: FeatureMaps) throws {
        let (settings, channels) = (normalization.settings, normalization.channels)
        try executor.launch(
            kernel(NormalizationVariant(kernel: "measure_images")), planes(normalization), .buffer(y.values),
            .buffer(normalization.imageSums), .integer(capacity), .integer(channels),
            .integer(settings.features.height),
            .integer(settings.features.width))
        try executor.launch(
            kernel(NormalizationVariant(kernel: "measure_batch")), NDRange(channels / traits.vectorWidth),
            .buffer(normalization.imageSums), .buffer(buffer(.parameters)), .buffer(normalization.state),
            .buffer(buffer(.statistics)), .integer(settings.gamma), .integer(settings.beta),
            .integer(settings.runningMean), .integer(settings.runningVariance),
            .number(TrainingNormalizationSettings.momentum), .number(TrainingNormalizationSettings.epsilon),
            .integer(images), .integer(capacity), .integer(channels), .integer(settings.features.pixels))
    }

    package func activate(
        _ normalization: Normalization, _ y: FeatureMaps, factors: BranchFactors?,
        shortcut: TrainingShortcut<FeatureMaps, Normalization>?, to output: FeatureMaps, pooled: Vectors?
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
        let shape = normalization.settings.features
        try executor.launch(
            kernel(variant), planes(normalization), .buffer(y.values), .buffer(normalization.state), .buffer(values),
            .buffer(state), .buffer(factors?.values ?? unused), .buffer(output.values),
            .buffer(pooled?.values ?? unused), .integer(normalization.channels), .integer(shape.height),
            .integer(shape.width))
    }

    package func backwardThroughOutput(
        _ gradient: FeatureMaps, isEmpty: Bool, pooledGradient: Vectors?, output: FeatureMaps,
        branch: (Normalization, FeatureMaps), shortcut: (Normalization, FeatureMaps)?
    ) throws {
        let (normalization, y) = branch
        var variant = NormalizationVariant(kernel: "backward_output")
        variant.isEmpty = isEmpty
        variant.isPooled = pooledGradient != nil
        variant.shortcut = shortcut == nil ? .none : .normalized
        let shape = normalization.settings.features
        try executor.launch(
            kernel(variant), planes(normalization), .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(output.values), .buffer(y.values),
            .buffer(normalization.state), .buffer(normalization.imageSums), .buffer(shortcut?.1.values ?? unused),
            .buffer(shortcut?.0.state ?? unused), .buffer(shortcut?.0.imageSums ?? unused), .integer(capacity),
            .integer(normalization.channels), .integer(shape.height), .integer(shape.width))
    }

    package func sumGradient(
        _ normalization: Normalization, _ y: FeatureMaps, gradient: FeatureMaps, pooledGradient: Vectors?
    ) throws {
        var variant = NormalizationVariant(kernel: "sum_gradient")
        variant.isPooled = pooledGradient != nil
        let shape = normalization.settings.features
        try executor.launch(
            kernel(variant), planes(normalization), .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(y.values), .buffer(normalization.state),
            .buffer(normalization.imageSums), .integer(capacity), .integer(normalization.channels),
            .integer(shape.height), .integer(shape.width))
    }

    package func finishSums(_ normalization: Normalization, factors: BranchFactors?) throws {
        var variant = NormalizationVariant(kernel: "finish_sums")
        variant.isGated = factors != nil
        let settings = normalization.settings
        try executor.launch(
            kernel(variant), NDRange(normalization.channels / traits.vectorWidth), .buffer(normalization.imageSums),
            .buffer(factors?.values ?? unused), .buffer(normalization.state), .buffer(buffer(.gradients)),
            .integer(settings.gamma), .integer(settings.beta), .integer(images), .integer(capacity),
            .integer(normalization.channels), .integer(settings.features.pixels))
    }

    package func backwardThroughNormalization(
        _ normalization: Normalization, _ y: FeatureMaps, gradient: FeatureMaps, factors: BranchFactors?,
        rectified: Bool,
        pooledGradient: Vectors?, to result: FeatureMaps
    ) throws {
        var variant = NormalizationVariant(kernel: "backward_normalization")
        variant.isGated = factors != nil
        variant.isRectified = rectified
        variant.isPooled = pooledGradient != nil
        let shape = normalization.settings.features
        try executor.launch(
            kernel(variant), planes(normalization), .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(y.values), .buffer(normalization.state),
            .buffer(factors?.values ?? unused), .buffer(result.values), .integer(normalization.channels),
            .integer(shape.height), .integer(shape.width))
    }
}

/// A kernel of TrainingNormalization.cl, and how it is compiled.
struct NormalizationVariant: Hashable {
    enum Shortcut: Int {
        case none = 0
        case maps = 1
        case normalized = 2
    }

    let kernel: String
    var isRectified = false
    var shortcut = Shortcut.none
    var isGated = false
    var isPooled = false
    var isEmpty = false

    func program(_ traits: DeviceTraits) -> ProgramDescriptor {
        ProgramDescriptor(
            .trainingNormalization, traits,
            [
                "AFTER_RELU": isRectified ? 1 : 0, "SHORTCUT": shortcut.rawValue, "GATED": isGated ? 1 : 0,
                "POOLED": isPooled ? 1 : 0, "EMPTY": isEmpty ? 1 : 0,
            ])
    }
}
