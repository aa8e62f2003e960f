import OpenCL

/// The operators as OpenCL kernels on a command queue of its own.
public final class OpenCLBackend: Backend {
    public let runtime: OpenCLRuntime
    let queue: CommandQueue
    /// Images 0, 1, 2, …: the active images of a launch for everyone.
    private var everyone: Buffer?
    private var everyoneCount = 0
    /// Stands where a kernel takes a buffer that its variant does not use.
    let unused: Buffer
    private var allocated = 0
    /// Kernels of operators without weights.
    var kernels: [ProgramDescriptor: Kernel] = [:]

    /// - Throws: `OpenCLError`.
    public init(_ runtime: OpenCLRuntime) throws {
        self.runtime = runtime
        queue = try CommandQueue(context: runtime.context)
        unused = try Buffer(context: runtime.context, copying: [Float](repeating: 0, count: ChannelBlock.size))
    }

    public var deviceName: String { runtime.device.description }
    public var launches: Int { queue.kernelLaunches }
    var traits: DeviceTraits { runtime.traits }

    // MARK: Memory

    /// Zeroed memory for `count` values of each image.
    ///
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` where the device cannot hold it.
    func allocate<Element>(
        _ type: Element.Type, perImage count: Int, images: Int
    ) throws -> Buffer {
        let device = runtime.device
        // An image's values fit an Int by the limits of architectures, but those of many images need not.
        let (product, overflows) = (count * MemoryLayout<Element>.stride).multipliedReportingOverflow(by: images)
        let byteCount = overflows ? Int.max / 2 : product
        let limits = [(byteCount, device.maxAllocation), (allocated + byteCount, device.globalMemory)]
        for (needed, limit) in limits where needed > limit {
            throw BackendError.batchTooLarge(
                images: images, bytes: needed, limit: limit, device: device.description)
        }
        let buffer = try Buffer(context: runtime.context, byteCount: byteCount)
        try queue.fill(buffer, with: 0)
        allocated += byteCount
        return buffer
    }

    func constant(_ values: [Float]) throws -> Buffer {
        allocated += values.count * MemoryLayout<Float>.stride
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
                let kernel = ConvolutionKernel(problem, traits)
                programs.insert(kernel.program)
                if problem.sumsRows, !kernel.sumsRows { programs.insert(rowSummingProgram(problem.output)) }
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
        let values = try allocate(Float.self, perImage: layout.count(shape), images: images)
        return Activations(
            shape: shape, layout: layout, values: values, rowSums: nil,
            staged: StagedValues(count: layout.count(shape) * images, queue: queue))
    }

    public func makeActivations(_ shape: FeatureShape, pooled: Bool, images: Int) throws -> Activations {
        let layout = Activations.Layout.blocks
        let values = try allocate(Float.self, perImage: layout.count(shape), images: images)
        _ = try identity(images)
        return Activations(
            shape: shape, layout: layout, values: values,
            rowSums: pooled
                ? try allocate(Float.self, perImage: shape.height * shape.paddedChannels, images: images) : nil)
    }

    /// The kernel of an operator that has no weights of its own.
    func kernel(_ name: String, _ descriptor: ProgramDescriptor) throws -> Kernel {
        if let kernel = kernels[descriptor] { return kernel }
        let kernel = try runtime.programs.kernel(name, descriptor)
        kernels[descriptor] = kernel
        return kernel
    }
}
