import OpenCL

/// The operators as OpenCL kernels on a command queue of its own.
public final class OpenCLBackend: Backend {
    public let runtime: OpenCLRuntime
    /// Those of the runtime, with this backend's storage.
    let traits: DeviceTraits
    let queue: CommandQueue
    /// Images 0, 1, 2, …: the active images of a launch for everyone.
    private var everyone: Buffer?
    private var everyoneCount = 0
    /// Stands where a kernel takes a buffer that its variant does not use.
    let unused: Buffer
    /// Bytes that this backend has allocated.
    private var reserved = 0
    /// Kernels of operators without weights.
    private var kernels: [OperatorProblem: BoundKernel] = [:]

    /// - Parameter precision: what activations and the weights of convolutions are kept as.
    /// - Throws: `OpenCLError`, or ``BackendError/halfPrecisionUnsupported(device:)``.
    public init(_ runtime: OpenCLRuntime, precision: Precision = .float) throws {
        guard precision == .float || runtime.traits.hasHalf else {
            throw BackendError.halfPrecisionUnsupported(device: runtime.device.description)
        }
        self.runtime = runtime
        var traits = runtime.traits
        traits.storage = precision
        self.traits = traits
        queue = try CommandQueue(context: runtime.context)
        unused = try Buffer(context: runtime.context, copying: [Float](repeating: 0, count: ChannelBlock.size))
    }

    public var deviceName: String { runtime.device.description }
    public var launches: Int { queue.kernelLaunches }

    // MARK: Memory

    /// Zeroed memory for `count` values of each image.
    ///
    /// - Parameter staged: whether the host keeps as much for what is on its way.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` where the device cannot hold it.
    func allocate<Element>(
        _ type: Element.Type, perImage count: Int, images: Int, staged: Bool = false
    ) throws -> Buffer {
        // An image's values fit an Int by the limits of architectures, but those of many images need not.
        let (product, overflows) = (count * MemoryLayout<Element>.stride).multipliedReportingOverflow(by: images)
        let byteCount = overflows ? Int.max / 2 : product
        try reserve(byteCount, images: images)
        if staged { try reserve(byteCount, images: images) }
        let buffer = try Buffer(context: runtime.context, byteCount: byteCount)
        try queue.fill(buffer, with: 0)
        // Memory is taken when it is first touched: what is left is known only after that.
        if byteCount > Self.largeAllocation { try queue.finish() }
        return buffer
    }

    private static let largeAllocation = 1 << 26

    private func reserve(_ byteCount: Int, images: Int) throws {
        try runtime.memory.reserve(byteCount, images: images)
        reserved += byteCount
    }

    deinit { runtime.memory.release(reserved) }

    func constant<Element: BitwiseCopyable>(_ values: [Element]) throws -> Buffer {
        try reserve(values.count * MemoryLayout<Element>.stride, images: 1)
        return try Buffer(context: runtime.context, copying: values, access: .readOnly)
    }

    /// The indices of all images, for at least `count`.
    func identity(_ count: Int) throws -> Buffer {
        if let everyone, everyoneCount >= count { return everyone }
        let buffer = try Buffer(context: runtime.context, copying: (0..<Int32(count)).map { $0 }, access: .readOnly)
        everyone = buffer
        everyoneCount = count
        return buffer
    }

    // MARK: Preparing

    public func prepare(_ problems: [OperatorProblem], images: Int) throws {
        var programs: Set<ProgramDescriptor> = []
        for problem in problems {
            switch problem {
            case .convolution(let problem):
                let descriptor = algorithm(for: problem, images: images).descriptor(problem, traits)
                programs.formUnion(descriptor.programs)
                if problem.sumsRows, !descriptor.sumsRows { programs.insert(rowSummingProgram(problem.output)) }
            case .pooling(let problem): programs.insert(program(problem))
            case .zeroPaddedShortcut(let problem): programs.insert(program(problem))
            case .gate(let problem): programs.insert(GateKernel(problem, traits).program)
            case .classifier(let problem): programs.insert(program(problem, itemImages: itemImages(images)))
            case .batchNormalization(let problem): programs.insert(program(problem))
            }
        }
        try runtime.programs.build(programs)
    }

    public func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> Activations {
        let layout = Activations.Layout.planes(halo: padding)
        try layout.check(shape)
        let values = try allocate(Float.self, perImage: layout.count(shape), images: images, staged: true)
        return Activations(
            shape: shape, layout: layout, values: values, rowSums: nil,
            staged: StagedValues(repeating: 0, count: layout.count(shape) * images, queue: queue))
    }

    public func makeActivations(_ shape: FeatureShape, pooled: Bool, images: Int) throws -> Activations {
        let layout = Activations.Layout.blocks
        try layout.check(shape)
        let values = try allocateStored(perImage: layout.count(shape), images: images)
        _ = try identity(images)
        return Activations(
            shape: shape, layout: layout, values: values,
            rowSums: pooled
                ? try allocate(Float.self, perImage: shape.height * shape.paddedChannels, images: images) : nil)
    }

    /// Launches a kernel whose work-items have nothing to do with each other.
    ///
    /// Where a core runs a group by itself, groups are as small as can be: left to choose, drivers put everything into one
    /// group, and one core to work.
    func enqueueIndependent(_ kernel: Kernel, global: NDRange) throws {
        let local = traits.groupSize == 1 ? NDRange([Int](repeating: 1, count: global.dimensions)) : nil
        try queue.enqueue(kernel, global: global, local: local)
    }

    public func synchronize() throws {
        try queue.finish()
    }

    /// The kernel of an operator that has no weights of its own. Its program is described only once: a batch must not
    /// wait for that.
    func kernel(
        _ name: String, for problem: OperatorProblem, _ program: @autoclosure () -> ProgramDescriptor
    ) throws -> BoundKernel {
        if let kernel = kernels[problem] { return kernel }
        let kernel = BoundKernel(try runtime.programs.kernel(name, program()))
        kernels[problem] = kernel
        return kernel
    }

    /// The row sums of feature maps, or something to stand in their place for a kernel that does not touch them.
    func rowSums(_ activations: Activations, needed: Bool) throws -> Buffer {
        if let rowSums = activations.rowSums { return rowSums }
        guard !needed else { throw BackendError.notPooled }
        return unused
    }
}
