import OpenCL

/// The operators as OpenCL kernels on a command queue of its own.
package final class OpenCLBackend: Backend {
    package let runtime: OpenCLRuntime
    /// Those of the runtime, with this backend's storage.
    let traits: DeviceTraits
    let queue: CommandQueue
    /// Images 0, 1, 2, …: the active images of a launch for everyone.
    private var everyone: Buffer?
    private var everyoneCount = 0
    /// Stands where a kernel takes a buffer that its variant does not use.
    let unused: Buffer
    /// Bytes that this backend has counted in the runtime's memory.
    private var reserved = 0
    private let goal: OptimizationGoal
    /// How convolutions are computed, as far as it was asked.
    private var algorithms: [ConvolutionChoice: ConvolutionAlgorithm] = [:]
    package private(set) var memory = MemoryUse()
    /// See `scratch(byteCount:images:)`.
    var scratchBuffer: Buffer?
    /// See `leastSaving` of the type.
    let leastSaving: Int
    /// Of each step.
    var zeroings: [Int: [HaloZeroing]] = [:]
    private var knownZeroingKernel: BoundKernel?
    /// Kernels of operators without weights.
    private var kernels: [OperatorSettings: BoundKernel] = [:]
    /// While a batch is recorded.
    var recorder: CommandRecorder?

    /// - Parameters:
    ///   - precision: what activations and the weights of convolutions are kept as.
    ///   - goal: what the choice of algorithms prefers.
    ///   - profiling: whether batches can be recorded, for which the device keeps the times of every command.
    /// - Throws: `OpenCLError`, or ``BackendError/halfPrecisionUnsupported(device:)``.
    package convenience init(
        _ runtime: OpenCLRuntime, precision: Precision = .float, goal: OptimizationGoal = .speed,
        profiling: Bool = false
    ) throws {
        try self.init(
            runtime, precision: precision, goal: goal, profiling: profiling, leastSaving: Self.leastSaving)
    }

    /// - Parameter leastSaving: bytes saved from which on feature maps share memory.
    /// - Throws: `OpenCLError`, or ``BackendError/halfPrecisionUnsupported(device:)``.
    init(
        _ runtime: OpenCLRuntime, precision: Precision = .float, goal: OptimizationGoal = .speed,
        profiling: Bool = false, leastSaving: Int
    ) throws {
        guard precision == .float || runtime.traits.hasHalf else {
            throw BackendError.halfPrecisionUnsupported(device: runtime.device.description)
        }
        self.runtime = runtime
        self.leastSaving = leastSaving
        self.goal = goal
        var traits = runtime.traits
        traits.storage = precision
        self.traits = traits
        queue = try CommandQueue(context: runtime.context, profiling: profiling)
        unused = try Buffer(context: runtime.context, copying: [Float](repeating: 0, count: ChannelBlock.size))
    }

    package var deviceName: String { runtime.device.description }
    package var launches: Int { queue.kernelLaunches }

    // MARK: Memory

    /// Counts what was allocated, and what is going to be.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` where the device cannot hold it.
    func reserve(_ byteCount: Int, images: Int, as use: WritableKeyPath<MemoryUse, Int>) throws {
        try runtime.memory.reserve(byteCount, images: images)
        reserved += byteCount
        count(byteCount, as: use)
    }

    func release(_ byteCount: Int, as use: WritableKeyPath<MemoryUse, Int>) {
        runtime.memory.release(byteCount)
        reserved -= byteCount
        count(-byteCount, as: use)
    }

    func count(_ byteCount: Int, as use: WritableKeyPath<MemoryUse, Int>) {
        memory[keyPath: use] += byteCount
    }

    deinit { runtime.memory.release(reserved) }

    /// The indices of all images, for at least `count`.
    func identity(_ count: Int) throws -> Buffer {
        if let everyone, everyoneCount >= count { return everyone }
        let buffer = try Buffer(context: runtime.context, copying: (0..<Int32(count)).map { $0 }, access: .readOnly)
        everyone = buffer
        everyoneCount = count
        return buffer
    }

    // MARK: Preparing

    package func prepare(_ operators: [OperatorSettings], images: Int) throws {
        var programs: Set<ProgramDescriptor> = []
        for settings in operators {
            switch settings {
            case .convolution(let settings):
                let descriptor = algorithm(for: settings, images: images).descriptor(settings, traits)
                programs.formUnion(descriptor.programs)
                if settings.sumsRows, !descriptor.sumsRows {
                    programs.insert(rowSummingProgram(settings.convolution.output))
                }
            case .pooling(let settings): programs.insert(program(settings))
            case .zeroPaddedShortcut(let settings): programs.insert(program(settings))
            case .gate(let settings): programs.insert(GateKernel(settings, traits).program)
            case .classifier(let settings): programs.insert(program(settings, itemImages: itemImages(images)))
            case .batchNormalization(let settings): programs.insert(program(settings))
            }
        }
        if !zeroings.isEmpty { programs.insert(zeroingProgram) }
        try runtime.programs.build(programs)
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
        let layout = MapLayout.planes(halo: padding)
        try layout.check(shape)
        let values = try allocate(Float.self, perImage: layout.count(shape), images: images, as: \.activations)
        count(values.byteCount, as: \.activationsUnshared)
        return FeatureMaps(
            shape: shape, layout: layout, values: values, rowSums: nil,
            staged: try stagedInput(layout.count(shape), images: images))
    }

    package func makeFeatureMaps(_ shape: FeatureShape, pooled: Bool, images: Int) throws -> FeatureMaps {
        let layout = MapLayout.blocks
        try layout.check(shape)
        let values = try allocateStored(perImage: layout.count(shape), images: images, as: \.activations)
        let rowSums =
            pooled
            ? try allocate(
                Float.self, perImage: shape.height * shape.paddedChannels, images: images, as: \.activations) : nil
        count(values.byteCount + (rowSums?.byteCount ?? 0), as: \.activationsUnshared)
        _ = try identity(images)
        return FeatureMaps(shape: shape, layout: layout, values: values, rowSums: rowSums)
    }

    /// Launches a kernel whose work-items have nothing to do with each other.
    ///
    /// Where a core runs a group by itself, groups are as small as can be: left to choose, drivers put everything into one
    /// group, and one core to work.
    func enqueueIndependent(_ kernel: Kernel, global: NDRange) throws {
        let local = traits.groupSize == 1 ? NDRange([Int](repeating: 1, count: global.dimensions)) : nil
        try queue.enqueue(kernel, global: global, local: local)
    }

    package func synchronize() throws {
        try queue.finish()
    }

    /// The kernel of an operator that has no weights of its own. Its program is described only once: a batch must not
    /// wait for that.
    func kernel(
        _ name: String, for settings: OperatorSettings, _ program: @autoclosure () -> ProgramDescriptor
    ) throws -> BoundKernel {
        if let kernel = kernels[settings] { return kernel }
        let kernel = BoundKernel(try runtime.programs.kernel(name, program()))
        kernels[settings] = kernel
        return kernel
    }

    func zeroingKernel() throws -> BoundKernel {
        if let knownZeroingKernel { return knownZeroingKernel }
        let kernel = BoundKernel(try runtime.programs.kernel("zero_halos", zeroingProgram))
        knownZeroingKernel = kernel
        return kernel
    }

    /// The row sums of feature maps, or something to stand in their place for a kernel that does not touch them.
    func rowSums(_ activations: FeatureMaps, needed: Bool) throws -> Buffer {
        if let rowSums = activations.rowSums { return rowSums }
        guard !needed else { throw BackendError.notPooled }
        return unused
    }
}
