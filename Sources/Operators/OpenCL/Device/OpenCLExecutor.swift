import OpenCL
import Synchronization

/// What all operators of a network share on a device: a command queue, the memory that was taken so far, and how kernels
/// are made and launched.
///
/// Commands run in the order of the calls. Used by one task at a time.
package final class OpenCLExecutor {
    /// What kernels are fitted to, and what feature maps and the weights of convolutions are kept as.
    package let traits: DeviceTraits
    package let queue: CommandQueue
    package let programs: ProgramCache
    /// Memory in use so far.
    package private(set) var memory = MemoryUse()
    /// Zeros; stands where a kernel takes a buffer that its variant does not use.
    package let unused: Buffer
    /// Memory of all executors of the device.
    private let deviceMemory: DeviceMemory
    /// Bytes that this executor has counted in the device's memory.
    private var reserved = 0
    private var everyone: Buffer?
    private var zeroBuffer: Buffer
    private var scratchBuffer: Buffer?
    /// Programs of kernels that are to be built together; nil where each is built when it is asked for.
    private var requested: Set<ProgramDescriptor>?

    /// Bytes above which an allocation is waited for.
    private static let largeAllocation = 1 << 24

    /// - Parameters:
    ///   - profiling: whether commands can be logged, for which the device keeps the times of each.
    ///   - buildsTogether: whether kernels are built when ``buildRequested()`` is called, rather than one by one.
    /// - Throws: `OpenCLError`.
    init(
        _ context: Context, _ traits: DeviceTraits, programs: ProgramCache, memory: DeviceMemory, profiling: Bool,
        buildsTogether: Bool
    ) throws {
        self.traits = traits
        self.programs = programs
        deviceMemory = memory
        requested = buildsTogether ? [] : nil
        queue = try CommandQueue(context: context, profiling: profiling)
        unused = try Buffer(context: context, copying: [Float](repeating: 0, count: ChannelBlock.size))
        zeroBuffer = unused
    }

    deinit { deviceMemory.release(reserved) }

    package var deviceName: String { queue.context.device.description }
    /// Whether buffers lie where the host can map them without a copy.
    private var sharesHostMemory: Bool { queue.context.device.sharesHostMemory }

    // MARK: Counting

    /// Counts what was allocated, and what is going to be.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` where the device cannot hold it.
    func reserve(_ byteCount: Int, images: Int, as use: WritableKeyPath<MemoryUse, Int>) throws {
        try deviceMemory.reserve(byteCount, images: images)
        reserved += byteCount
        count(byteCount, as: use)
    }

    private func release(_ byteCount: Int, as use: WritableKeyPath<MemoryUse, Int>) {
        deviceMemory.release(byteCount)
        reserved -= byteCount
        count(-byteCount, as: use)
    }

    func count(_ byteCount: Int, as use: WritableKeyPath<MemoryUse, Int>) {
        memory[keyPath: use] += byteCount
    }

    /// Bytes of `count` values of each image. An image's values fit an Int by the limits of architectures, but those of
    /// many images need not.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` if they are more than a buffer may have.
    func byteCount<Element>(_ type: Element.Type, perImage count: Int, images: Int) throws -> Int {
        let (product, overflows) = (count * MemoryLayout<Element>.stride).multipliedReportingOverflow(by: images)
        let limit = queue.context.device.maxAllocation
        guard !overflows, product <= limit else {
            throw BackendError.batchTooLarge(
                images: images, bytes: overflows ? .max : product, limit: limit, device: deviceName)
        }
        return product
    }

    // MARK: Allocating

    /// Zeroed memory for `count` values of each image.
    ///
    /// - Parameters:
    ///   - staged: whether the host keeps as much for what is on its way.
    ///   - use: what to count it as.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` where the device cannot hold it.
    func allocate<Element>(
        _ type: Element.Type, perImage count: Int, images: Int, staged: Bool = false,
        as use: WritableKeyPath<MemoryUse, Int> = \.other
    ) throws -> Buffer {
        let byteCount = try byteCount(type, perImage: count, images: images)
        if staged { try reserve(byteCount, images: images, as: \.other) }
        return try allocate(byteCount: byteCount, images: images, as: use)
    }

    /// Zeroed memory.
    func allocate(byteCount: Int, images: Int, as use: WritableKeyPath<MemoryUse, Int>) throws -> Buffer {
        try reserve(byteCount, images: images, as: use)
        let buffer = try Buffer(context: queue.context, byteCount: byteCount, hostAccessible: sharesHostMemory)
        try queue.fill(buffer, with: 0)
        // Memory is taken when it is first touched: what is left is known only after that.
        if byteCount > Self.largeAllocation { try queue.finish() }
        return buffer
    }

    /// Values that stay as they are.
    func constant<Element: BitwiseCopyable>(
        _ values: [Element], as use: WritableKeyPath<MemoryUse, Int> = \.weights
    ) throws -> Buffer {
        try reserve(values.count * MemoryLayout<Element>.stride, images: 1, as: use)
        return try Buffer(
            context: queue.context, copying: values, access: .readOnly, hostAccessible: sharesHostMemory)
    }

    /// Constants that are written where they will be, so that they are nowhere else.
    /// - Parameter fill: gets zeros.
    func constant(count: Int, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) throws -> Buffer {
        let byteCount = count * MemoryLayout<Float>.stride
        try reserve(byteCount, images: 1, as: \.weights)
        let buffer = try Buffer(
            context: queue.context, byteCount: byteCount, access: .readOnly, hostAccessible: sharesHostMemory)
        try queue.withMapped(buffer, access: .overwrite) { bytes in
            let values = bytes.bindMemory(to: Float.self)
            values.initialize(repeating: 0)
            fill(values)
        }
        return buffer
    }

    /// A convolution's weights, kept as ``DeviceTraits/storage`` says.
    /// - Parameter fill: gets zeros.
    func stored(count: Int, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) throws -> Buffer {
        switch traits.storage {
        case .float: return try constant(count: count, fill)
        case .half:
            let values = [Float](unsafeUninitializedCapacity: count) { values, filled in
                values.initialize(repeating: 0)
                fill(values)
                filled = count
            }
            return try constant(values.map { Float16($0) })
        }
    }

    // MARK: Shared buffers

    /// The indices of all images, for at least `count`: the active images of a launch for everyone.
    func identity(_ count: Int) throws -> Buffer {
        if let everyone, everyone.byteCount >= count * MemoryLayout<Int32>.stride { return everyone }
        let buffer = try Buffer(
            context: queue.context, copying: (0..<Int32(count)).map { $0 }, access: .readOnly)
        everyone = buffer
        return buffer
    }

    /// At least `count` zeros that nobody writes.
    func zeros(_ count: Int) throws -> Buffer {
        if zeroBuffer.byteCount < count * MemoryLayout<Float>.stride {
            zeroBuffer = try allocate(Float.self, perImage: count, images: 1)
        }
        return zeroBuffer
    }

    /// Memory that an operation may use while it runs, and no longer: all operations of a network share it, as they run
    /// one after the other. Ask again for every run, and, so that no batch has to wait for an allocation, once when the
    /// operation is made.
    ///
    /// - Parameter byteCount: for each image that the operation runs for at once.
    /// - Returns: a buffer of at least that size with undefined contents. The next call may return another.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` where the device cannot hold it.
    func scratch(byteCount: Int, images: Int = 1) throws -> Buffer {
        let needed = try self.byteCount(UInt8.self, perImage: byteCount, images: images)
        if let scratchBuffer, scratchBuffer.byteCount >= needed { return scratchBuffer }
        // Released before the larger one is asked for: the driver keeps it until what uses it has run.
        let old = scratchBuffer?.byteCount ?? 0
        scratchBuffer = nil
        release(old, as: \.scratch)
        let buffer = try allocate(byteCount: max((needed + 3) / 4 * 4, 4), images: images, as: \.scratch)
        scratchBuffer = buffer
        return buffer
    }

    // MARK: Kernels

    /// A kernel of its own for the caller, who binds its arguments: built now, or with all others where they are built
    /// together.
    /// - Throws: `OpenCLError`, with the build log where the program does not build.
    func kernel(_ name: String, _ program: ProgramDescriptor) throws -> BoundKernel {
        let kernel = BoundKernel(name, program, programs)
        if requested == nil {
            _ = try kernel.kernel()
        } else {
            requested?.insert(program)
        }
        return kernel
    }

    /// Builds what was asked for so far.
    /// - Throws: `OpenCLError`, with the build log.
    func buildRequested() throws {
        guard let requested else { return }
        try programs.build(requested)
        self.requested = []
    }

    /// Launches a kernel with the arguments that are bound to it.
    func launch(_ kernel: BoundKernel, global: NDRange, local: NDRange) throws {
        try queue.enqueue(try kernel.kernel(), global: global, local: local)
    }
}

/// Counts what the sessions of a runtime have allocated on its device: drivers promise more than there is, and a device that
/// shares the host's memory and runs out of it ends the process.
package final class DeviceMemory: Sendable {
    private let device: Device
    private let reserved = Mutex(0)

    init(_ device: Device) {
        self.device = device
    }

    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` if the device cannot hold it in one piece or
    ///   beside what is there.
    package func reserve(_ byteCount: Int, images: Int) throws {
        try reserved.withLock { reserved in
            let (total, overflows) = reserved.addingReportingOverflow(byteCount)
            var limits = [
                (needed: byteCount, limit: device.maxAllocation),
                (needed: overflows ? .max : total, limit: device.globalMemory),
            ]
            if device.type == .cpu || device.unifiedHostMemory, let available = SystemMemory.available {
                limits.append((needed: byteCount, limit: available))
            }
            for (needed, limit) in limits where needed > limit {
                throw BackendError.batchTooLarge(
                    images: images, bytes: needed, limit: limit, device: device.description)
            }
            reserved = total
        }
    }

    package func release(_ byteCount: Int) {
        reserved.withLock { $0 -= byteCount }
    }
}
