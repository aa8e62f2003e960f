import OpenCL

/// Inference's operators as OpenCL kernels on a command queue of its own.
package final class OpenCLBackend: Backend {
    package typealias FeatureMaps = OpenCLFeatureMaps

    package let runtime: OpenCLRuntime
    let executor: OpenCLExecutor
    private let goal: OptimizationGoal
    /// How convolutions are computed, as far as it was asked.
    private var algorithms: [ConvolutionChoice: ConvolutionAlgorithm] = [:]
    /// See `minSaving` of the type.
    let minSaving: Int
    /// Of each step.
    var zeroings: [Int: [HaloZeroing]] = [:]
    private var knownZeroingKernel: BoundKernel?
    /// Kernels of operators without weights.
    private var kernels: [OperatorSettings: BoundKernel] = [:]
    /// While a batch is recorded.
    var recorder: CommandRecorder?

    /// - Parameters:
    ///   - precision: what feature maps and the weights of convolutions are kept as.
    ///   - goal: what the choice of algorithms prefers.
    ///   - profiling: whether batches can be recorded, for which the device keeps the times of every command.
    /// - Throws: `OpenCLError`.
    package convenience init(
        _ runtime: OpenCLRuntime, precision: Precision = .float, goal: OptimizationGoal = .speed,
        profiling: Bool = false
    ) throws {
        try self.init(
            runtime, precision: precision, goal: goal, profiling: profiling, minSaving: Self.minSaving)
    }

    /// - Parameter minSaving: bytes saved from which on feature maps share memory.
    /// - Throws: `OpenCLError`.
    init(
        _ runtime: OpenCLRuntime, precision: Precision = .float, goal: OptimizationGoal = .speed,
        profiling: Bool = false, minSaving: Int
    ) throws {
        executor = try runtime.makeExecutor(precision: precision, profiling: profiling)
        self.runtime = runtime
        self.minSaving = minSaving
        self.goal = goal
    }

    package var deviceName: String { executor.deviceName }
    package var launches: Int { queue.kernelLaunches }
    package var memory: MemoryUse { executor.memory }
    /// Those of the runtime, with this backend's storage.
    var traits: DeviceTraits { executor.traits }
    var queue: CommandQueue { executor.queue }

    // MARK: Preparing

    package func prepare(_ operators: [OperatorSettings], images: Int) throws {
        var programs: Set<ProgramDescriptor> = []
        for settings in operators {
            programs.formUnion(rowSummingPrograms(settings))
            switch settings {
            case .convolution(let settings):
                let descriptor = algorithm(for: settings, images: images).descriptor(settings, traits)
                programs.formUnion(descriptor.programs)
                if settings.sumsRows, !descriptor.sumsRows {
                    programs.insert(Self.rowSumming(settings.convolution.output).program(traits))
                }
            case .pooling(let settings): programs.insert(settings.program(traits))
            case .zeroPaddedShortcut(let settings): programs.insert(settings.program(traits))
            case .gate(let settings): programs.insert(GateDescriptor(settings, traits).program)
            case .classifier(let settings): programs.insert(program(settings, itemImages: itemImages(images)))
            case .batchNormalization(let settings): programs.insert(program(settings))
            }
        }
        if !zeroings.isEmpty { programs.insert(zeroingProgram) }
        try executor.programs.build(programs)
    }

    /// How a convolution is computed for up to so many images.
    func algorithm(for settings: FusedConvolutionSettings, images: Int) -> ConvolutionAlgorithm {
        let choice = ConvolutionChoice(settings: settings, images: images)
        if let algorithm = algorithms[choice] { return algorithm }
        // What was tuned was tuned for floats, and for speed.
        let tuned = traits.storage == .float ? runtime.tuning[choice] : nil
        let usable = tuned.flatMap { goal == .speed || !$0.needsMoreMemory ? $0 : nil }
        let algorithm = usable ?? .standard(settings, traits, images: images, goal: goal)
        algorithms[choice] = algorithm
        return algorithm
    }

    package func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> FeatureMaps {
        try executor.makeInput(shape, padding: padding, images: images)
    }

    package func makeFeatureMaps(_ shape: FeatureShape, pooled: Bool, images: Int) throws -> FeatureMaps {
        try executor.makeFeatureMaps(shape, pooled: pooled, images: images)
    }

    /// The kernel of an operator that has no weights of its own. Its program is described only once: a batch must not
    /// wait for that.
    func kernel(
        _ name: String, for settings: OperatorSettings, _ program: @autoclosure () -> ProgramDescriptor
    ) throws -> BoundKernel {
        if let kernel = kernels[settings] { return kernel }
        let kernel = try executor.kernel(name, program())
        kernels[settings] = kernel
        return kernel
    }

    func zeroingKernel() throws -> BoundKernel {
        if let knownZeroingKernel { return knownZeroingKernel }
        let kernel = try executor.kernel("zero_halos", zeroingProgram)
        knownZeroingKernel = kernel
        return kernel
    }

    // MARK: Transfers

    package func upload(_ images: UnsafeBufferPointer<Float>, count: Int, to input: FeatureMaps) throws {
        try executor.upload(UnsafeBufferPointer(rebasing: images[..<(count * input.shape.count)]), to: input)
    }

    package func download(_ maps: FeatureMaps, images: Int) throws -> [Float] {
        try executor.download(maps, images: images)
    }

    package func synchronize() throws {
        try queue.finish()
    }

    // MARK: Convolution

    package final class Convolution {
        let settings: FusedConvolutionSettings
        let operation: any ConvolutionOperation
        /// Where the operation cannot sum its rows itself.
        let summing: BoundKernel?

        init(_ settings: FusedConvolutionSettings, _ operation: any ConvolutionOperation, summing: BoundKernel?) {
            self.settings = settings
            self.operation = operation
            self.summing = summing
        }
    }

    package func makeConvolution(
        _ settings: FusedConvolutionSettings, _ weights: ConvolutionWeights, images: Int
    ) throws -> Convolution {
        try makeConvolution(
            algorithm(for: settings, images: images).descriptor(settings, traits), weights, images: images)
    }

    func makeConvolution(
        _ descriptor: any ConvolutionDescriptor, _ weights: ConvolutionWeights, images: Int
    ) throws -> Convolution {
        let settings = descriptor.settings
        let operation = try descriptor.makeOperation(weights, images: images, on: executor)
        let summing = Self.rowSumming(settings.convolution.output)
        return Convolution(
            settings, operation,
            summing: settings.sumsRows && !descriptor.sumsRows
                ? try executor.kernel("sum_rows", summing.program(traits)) : nil)
    }

    package func convolve(
        _ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps, on active: ActiveSet,
        decisions: Decisions, gate: Int?
    ) throws {
        let images = try activeImages(active, decisions)
        let rowSums = try executor.rowSums(output, needed: convolution.settings.sumsRows)
        try convolution.operation.enqueue(
            ConvolutionLaunch(
                input: input.values, output: output.values, rowSums: rowSums, active: images,
                images: active.launchedCount,
                decisions: ActiveImages(buffer: decisions.open, offset: (gate ?? 0) * decisions.capacity)),
            on: executor)
        if let summing = convolution.summing {
            try sumRows(output, with: summing, of: images, count: active.launchedCount)
        }
    }
}
