import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    package final class Normalization {
        let settings: TrainingNormalizationSettings
        /// Mean, 1 / deviation and what follows from them, see TrainingNormalization.cl.
        let state: Buffer
        /// Of each image, [2][capacity][parts][channels]: those of the forward pass, and then those of the backward pass.
        let imageSums: Buffer
        /// Parts of an image's rows that are summed by themselves.
        let parts: Int

        init(settings: TrainingNormalizationSettings, state: Buffer, imageSums: Buffer, parts: Int) {
            self.settings = settings
            self.parts = parts
            self.state = state
            self.imageSums = imageSums
        }

        var channels: Int { settings.features.paddedChannels }
    }

    /// Rows of a normalization's state, a gate's too: see TrainingNormalization.cl.
    static let stateRows = 7

    package func makeNormalization(_ settings: TrainingNormalizationSettings, images: Int) throws -> Normalization {
        let channels = settings.features.paddedChannels
        let parts = parts(settings.features, images: images)
        return Normalization(
            settings: settings, state: try allocate(perImage: Self.stateRows * channels, images: 1),
            imageSums: try allocate(perImage: 2 * parts * channels, images: images), parts: parts)
    }

    /// Work-items of a group that sums the pixels of an image.
    private static let sharedItems = 256
    /// Groups to have for each that can run at once.
    private static let groupsPerUnit = 4

    /// Parts of equal height, so that there are enough groups for the device where images and channels are few.
    private func parts(_ features: FeatureShape, images: Int) -> Int {
        guard traits.hasLanes else { return 1 }
        let planes = features.paddedChannels / ChannelBlock.size * images
        let lanes = ChannelBlock.size / traits.vectorWidth
        let divisors = (1...features.height).filter { features.height % $0 == 0 }
        return divisors.last { parts in
            // Every work-item has two pixels at least, and no more groups are wanted than this.
            parts == 1
                || (features.pixels / parts * lanes >= 2 * 64
                    && planes * parts <= Self.groupsPerUnit * traits.computeUnits)
        } ?? 1
    }

    /// Launches a kernel over all pixels, whose work-items share an image's planes where they run side by side.
    ///
    /// - Parameters:
    ///   - parts: how many parts of its rows, for kernels that have sums of each.
    ///   - hasSums: whether the kernel sums anything.
    private func launch(
        _ variant: NormalizationVariant, _ normalization: Normalization, parts: Int, hasSums: Bool = true,
        _ arguments: BoundKernel.Argument...
    ) throws {
        let kernel = try kernel(variant)
        guard traits.hasLanes else {
            try kernel.bind(arguments)
            return try executor.launch(
                kernel, global: NDRange(normalization.channels / traits.vectorWidth, images))
        }
        let pixels = normalization.settings.features.pixels / parts * (ChannelBlock.size / traits.vectorWidth)
        let items = [256, 128].first { pixels >= 2 * $0 } ?? 64
        try executor.launchGroups(
            kernel, NDRange(parts, normalization.channels / ChannelBlock.size, images), items: items,
            hasScratch: hasSums, arguments)
    }

    /// Launches a kernel that sums over the images for every channel. It has one argument more where there are parts.
    private func launchSums(
        _ variant: NormalizationVariant, _ normalization: Normalization, _ arguments: BoundKernel.Argument...
    ) throws {
        let kernel = try kernel(variant)
        guard traits.hasLanes else {
            try kernel.bind(arguments)
            return try executor.launch(kernel, global: NDRange(normalization.channels / traits.vectorWidth))
        }
        try executor.launchGroups(
            kernel, NDRange(normalization.channels / ChannelBlock.size), items: Self.sharedItems,
            arguments + [.integer(normalization.parts)])
    }

    /// Parts for kernels that sum nothing: as many as keep every work-item busy with a few pixels.
    private func elementwiseParts(_ normalization: Normalization) -> Int {
        let features = normalization.settings.features
        guard traits.hasLanes else { return 1 }
        let items = features.pixels * (ChannelBlock.size / traits.vectorWidth)
        return max(min(items / 512, features.height), 1)
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

    package func measure(_ normalization: Normalization, _ y: FeatureMaps) throws {
        let (settings, channels) = (normalization.settings, normalization.channels)
        try launch(
            NormalizationVariant(kernel: "measure_images"), normalization, parts: normalization.parts,
            .buffer(y.values),
            .buffer(normalization.imageSums), .integer(capacity), .integer(channels),
            .integer(settings.features.height),
            .integer(settings.features.width))
        try launchSums(
            NormalizationVariant(kernel: "measure_batch"), normalization,
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
        try launch(
            variant, normalization, parts: pooled == nil ? elementwiseParts(normalization) : 1, .buffer(y.values),
            .buffer(normalization.state), .buffer(values),
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
        try launch(
            variant, normalization, parts: normalization.parts, .buffer(gradient.values),
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
        try launch(
            variant, normalization, parts: normalization.parts, .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(y.values), .buffer(normalization.state),
            .buffer(normalization.imageSums), .integer(capacity), .integer(normalization.channels),
            .integer(shape.height), .integer(shape.width))
    }

    package func finishSums(_ normalization: Normalization, factors: BranchFactors?) throws {
        var variant = NormalizationVariant(kernel: "finish_sums")
        variant.isGated = factors != nil
        let settings = normalization.settings
        try launchSums(
            variant, normalization, .buffer(normalization.imageSums), .buffer(factors?.values ?? unused),
            .buffer(normalization.state), .buffer(buffer(.gradients)),
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
        try launch(
            variant, normalization, parts: elementwiseParts(normalization), hasSums: false, .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(y.values), .buffer(normalization.state),
            .buffer(factors?.values ?? unused), .buffer(result.values), .integer(normalization.channels),
            .integer(shape.height), .integer(shape.width))
    }
}

/// A kernel of TrainingNormalization.cl or SharedNormalization.cl, and how it is compiled.
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
            traits.hasLanes ? .sharedNormalization : .trainingNormalization, traits,
            [
                "AFTER_RELU": isRectified ? 1 : 0, "SHORTCUT": shortcut.rawValue, "GATED": isGated ? 1 : 0,
                "POOLED": isPooled ? 1 : 0, "EMPTY": isEmpty ? 1 : 0,
            ])
    }
}
