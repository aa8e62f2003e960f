import Kernels
import OpenCL

/// Training's operators as OpenCL kernels on a command queue of its own.
///
/// Feature maps lie as in inference: [image][channels / 16][height + 2][width + 2][16], with a halo of zeros that nobody
/// writes. Sums over images and pixels are split among work-items in a way that depends on the device and the sizes only,
/// and added up in a fixed order: the same step gives the same bits.
package final class OpenCLTrainingBackend: TrainingBackend {
    package typealias FeatureMaps = OpenCLFeatureMaps

    package let runtime: OpenCLRuntime
    let executor: OpenCLExecutor
    /// Images of a step at most, once layers are made.
    private(set) var capacity = 0
    /// Images of this step.
    private(set) var images = 0
    private var arrays: [ParameterArray: Buffer] = [:]
    private(set) var sizes: ParameterSizes?
    private var convolutions: [Convolution] = []
    var outcome: OutcomeMemory?
    private var kernels: [KernelKey: BoundKernel] = [:]
    var normalizationKernels: [NormalizationVariant: BoundKernel] = [:]
    var perturbationLimits: (perturbation: Perturbation, buffer: Buffer)?

    private struct KernelKey: Hashable {
        let name: String
        let program: ProgramDescriptor
    }

    /// - Parameter profiling: whether commands can be logged, for which the device keeps the times of each.
    /// - Throws: `OpenCLError`.
    package init(_ runtime: OpenCLRuntime, profiling: Bool = false) throws {
        self.runtime = runtime
        executor = try runtime.makeExecutor(profiling: profiling, buildsTogether: true)
    }

    package var deviceName: String { executor.deviceName }
    var traits: DeviceTraits { executor.traits }
    var queue: CommandQueue { executor.queue }
    /// Stands where a kernel takes a buffer that its variant does not use.
    var unused: Buffer { executor.unused }

    // MARK: Memory

    /// Zeroed memory for so many values of 4 bytes of each image.
    /// - Throws: `BackendError.batchTooLarge` where the device cannot hold it.
    func allocate(perImage count: Int = 1, images: Int) throws -> Buffer {
        try executor.allocate(Float.self, perImage: max(count, 1), images: images)
    }

    package func makeParameters(_ sizes: ParameterSizes) throws {
        self.sizes = sizes
        for array in ParameterArray.allCases {
            arrays[array] = try executor.allocate(
                Float.self, perImage: max(sizes.count(of: array), 1), images: 1, as: \.weights)
        }
    }

    func buffer(_ array: ParameterArray) -> Buffer { arrays[array] ?? unused }

    package func write(_ values: [Float], to array: ParameterArray) throws {
        try values.withUnsafeBytes { try queue.write(to: buffer(array), from: $0, blocking: true) }
    }

    package func read(_ array: ParameterArray) throws -> [Float] {
        guard let sizes else { return [] }
        return try queue.read(from: buffer(array), as: Float.self, count: sizes.count(of: array))
    }

    // MARK: Kernels

    /// A kernel, built together with all others when `prepare` is called, or else when it is first launched.
    func kernel(_ name: String, _ program: ProgramDescriptor) throws -> BoundKernel {
        let key = KernelKey(name: name, program: program)
        if let kernel = kernels[key] { return kernel }
        let kernel = try executor.kernel(name, program)
        kernels[key] = kernel
        return kernel
    }

    package func prepare() throws {
        try executor.buildRequested()
        if let sizes { try makeOutcome(sizes) }
    }

    // MARK: Profiling

    /// Begins to log every kernel and transfer.
    /// - Throws: `OpenCLError` if the backend was made without profiling.
    package func startLogging() throws { try queue.startLogging() }

    /// What ran since `startLogging`, in order.
    package func finishLogging() -> [LoggedCommand] { queue.finishLogging() }

    // MARK: Feature maps

    /// [image][channels, rounded up to 16]
    package final class Vectors {
        let values: Buffer

        init(values: Buffer) {
            self.values = values
        }
    }

    package func makeFeatureMaps(_ shape: FeatureShape, images: Int) throws -> FeatureMaps {
        capacity = max(capacity, images)
        return try executor.makeFeatureMaps(shape, pooled: false, images: images)
    }

    package func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> FeatureMaps {
        capacity = max(capacity, images)
        return try executor.makeInput(shape, padding: padding, images: images)
    }

    package func makeInputGradient(_ shape: FeatureShape, images: Int) throws -> FeatureMaps {
        try makeFeatureMaps(shape, images: images)
    }

    package func makeVectors(channels: Int, images: Int) throws -> Vectors {
        Vectors(values: try allocate(perImage: ChannelBlock.padded(channels), images: images))
    }

    package func upload(_ images: [Float], to input: FeatureMaps) throws {
        try images.withUnsafeBufferPointer { try executor.upload($0, to: input) }
    }

    package func download(_ maps: FeatureMaps) throws -> [Float] { try executor.download(maps, images: images) }

    // MARK: Convolution

    /// A convolution's three passes, and its weights in the orders that these read.
    package final class Convolution {
        let settings: TrainingConvolutionSettings
        let forward: RepackedConvolution
        let inputGradient: InputGradient?
        let weightGradient: WeightGradient?

        init(_ settings: TrainingConvolutionSettings, images: Int, on executor: OpenCLExecutor) throws {
            let convolution = settings.convolution
            self.settings = settings
            forward = try RepackedConvolution(
                FusedConvolutionSettings(convolution), isTransposed: false, images: images, on: executor)
            inputGradient =
                settings.hasInputGradient ? try InputGradient(convolution, images: images, on: executor) : nil
            weightGradient =
                settings.hasWeightGradient ? try WeightGradient(convolution, images: images, on: executor) : nil
        }
    }

    package func makeConvolution(_ settings: TrainingConvolutionSettings, images: Int) throws -> Convolution {
        let convolution = try Convolution(settings, images: images, on: executor)
        convolutions.append(convolution)
        return convolution
    }

    package func begin(images: Int) throws {
        self.images = images
        let parameters = buffer(.parameters)
        for convolution in convolutions {
            let first = convolution.settings.weights
            try convolution.forward.weights.update(from: parameters, first: first, on: executor)
            try convolution.inputGradient?.update(from: parameters, first: first, on: executor)
        }
    }

    package func convolve(_ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps) throws {
        try convolution.forward.enqueue(input.values, to: output.values, images: images, on: executor)
    }

    package func backwardToInput(
        _ convolution: Convolution, gradient: FeatureMaps, to result: FeatureMaps, adding: Bool
    ) throws {
        guard let inputGradient = convolution.inputGradient else { throw BackendError.notAnInput }
        try inputGradient.enqueue(
            gradient.values, to: result.values, adding: adding, images: images, on: executor)
    }

    package func backwardToWeights(_ convolution: Convolution, input: FeatureMaps, gradient: FeatureMaps) throws {
        guard let weightGradient = convolution.weightGradient else { throw BackendError.notAnInput }
        try weightGradient.enqueue(
            input.values, gradient.values, to: buffer(.gradients), first: convolution.settings.weights, images: images,
            on: executor)
    }

    // MARK: Pooling and shortcuts

    package func maxPool(
        _ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, pooled: Vectors?
    ) throws {
        let shape = settings.output
        var settings = settings
        settings.sumsRows = pooled != nil
        let vectors = shape.paddedChannels / traits.vectorWidth
        let bytesPerImage = shape.height * shape.paddedChannels * MemoryLayout<Float>.stride
        let rowSums = pooled == nil ? unused : try executor.scratch(byteCount: bytesPerImage, images: capacity)
        let program = settings.program(traits)
        let pooling = try kernel("max_pool", program)
        try pooling.bind([.buffer(input.values), .buffer(output.values), .buffer(rowSums)])
        try executor.launchPixels(pooling, shape, images: images)
        if pooled != nil, traits.hasLanes {
            try executor.launchGroups(
                kernel("sum_rows", program), NDRange(shape.height, shape.paddedChannels / ChannelBlock.size, images),
                items: 64, .buffer(output.values), .buffer(rowSums), .buffer(try executor.identity(images)), .integer(0)
            )
        }
        if let pooled {
            try executor.launch(
                kernel("mean_of_rows", settings.gradientProgram(pooled: true, traits)), NDRange(vectors, images),
                .buffer(rowSums), .buffer(pooled.values))
        }
    }

    package func backwardThroughMaxPool(
        _ settings: PoolingSettings, input: FeatureMaps, output: FeatureMaps, gradient: FeatureMaps,
        pooledGradient: Vectors?, to result: FeatureMaps
    ) throws {
        let kernel = try kernel(
            "backward_max_pool", settings.gradientProgram(pooled: pooledGradient != nil, traits))
        try kernel.bind([
            .buffer(input.values), .buffer(output.values), .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(result.values),
        ])
        try executor.launchPixels(kernel, settings.input, images: images)
    }

    package func zeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps
    ) throws {
        let kernel = try kernel("zero_padded_shortcut", settings.program(traits))
        try kernel.bind([.buffer(input.values), .buffer(output.values), .buffer(unused)])
        try executor.launchPixels(kernel, settings.output, itemChannels: .block, images: images)
    }

    package func backwardThroughZeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, gradient: FeatureMaps, to result: FeatureMaps
    ) throws {
        let kernel = try kernel("backward_zero_padded_shortcut", settings.gradientProgram(traits))
        try kernel.bind([.buffer(gradient.values), .buffer(result.values)])
        try executor.launchPixels(kernel, settings.input, itemChannels: .block, images: images)
    }
}
