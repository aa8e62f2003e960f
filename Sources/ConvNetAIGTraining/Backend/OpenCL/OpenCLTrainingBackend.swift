import ConvNetAIG
import Operators
import Kernels
import OpenCL

/// Training's operators as OpenCL kernels on a command queue of its own.
///
/// Feature maps lie as in inference: [image][channels / 16][height + 2][width + 2][16], with a halo of zeros that nobody
/// writes. Sums over images and pixels are split among work-items in a way that depends on the device and the sizes only,
/// and added up in a fixed order: the same step gives the same bits.
package final class OpenCLTrainingBackend: TrainingBackend {
    package let runtime: OpenCLRuntime
    let queue: CommandQueue
    /// Images of a step at most, once layers are made.
    var capacity = 0
    /// Images of this step.
    var images = 0
    /// Stands where a kernel takes a buffer that its variant does not use.
    let unused: Buffer
    var arrays: [ParameterArray: Buffer] = [:]
    var layout: ParameterLayout?
    /// Images 0, 1, 2, …
    var everyone: Buffer
    /// Zeros for convolutions, which have no bias here.
    var zeroBias: Buffer
    /// Where sums of weights' gradients are kept until they are added up; one operator uses it at a time.
    var partialSums: Buffer
    var convolutions: [Convolution] = []
    var gates: [Gate] = []
    var outcome: OutcomeMemory?
    private var kernels: [KernelKey: TrainingKernel] = [:]
    var normalizationKernels: [NormalizationVariant: TrainingKernel] = [:]
    var perturbationLimits: (perturbation: Perturbation, buffer: Buffer)?
    private var reserved = 0

    private struct KernelKey: Hashable {
        let name: String
        let program: ProgramDescriptor
    }

    /// - Parameter profiling: whether commands can be logged, for which the device keeps the times of each.
    /// - Throws: `OpenCLError`.
    package init(_ runtime: OpenCLRuntime, profiling: Bool = false) throws {
        self.runtime = runtime
        queue = try CommandQueue(context: runtime.context, profiling: profiling)
        func zeros() throws -> Buffer {
            try Buffer(context: runtime.context, copying: [Float](repeating: 0, count: ChannelBlock.size))
        }
        unused = try zeros()
        everyone = unused
        zeroBias = try zeros()
        // Not shared with any other: this one is written.
        partialSums = try zeros()
    }

    deinit { runtime.memory.release(reserved) }

    package var deviceName: String { runtime.device.description }
    var traits: DeviceTraits { runtime.traits }

    // MARK: Memory

    /// Zeroed memory for values of 4 bytes.
    /// - Throws: `BackendError.batchTooLarge` where the device cannot hold it.
    func allocate(_ count: Int, images: Int) throws -> Buffer {
        let byteCount = max(count, 1) * MemoryLayout<Float>.stride
        try runtime.memory.reserve(byteCount, images: images)
        reserved += byteCount
        let buffer = try Buffer(context: runtime.context, byteCount: byteCount)
        try queue.fill(buffer, with: 0)
        // Memory is taken when it is first touched: what is left is known only after that.
        if byteCount > Self.largeAllocation { try queue.finish() }
        return buffer
    }

    private static let largeAllocation = 1 << 24

    /// Makes shared memory at least so large; its values are lost.
    func grow(_ buffer: inout Buffer, to count: Int, images: Int) throws {
        guard buffer.byteCount < count * MemoryLayout<Float>.stride else { return }
        buffer = try allocate(count, images: images)
    }

    package func makeParameters(_ layout: ParameterLayout) throws {
        self.layout = layout
        for array in ParameterArray.allCases {
            let count = array == .statistics ? layout.statisticsCount : layout.parameterCount
            arrays[array] = try allocate(count, images: 1)
        }
    }

    func buffer(_ array: ParameterArray) -> Buffer { arrays[array] ?? unused }

    package func write(_ values: [Float], to array: ParameterArray) throws {
        try values.withUnsafeBytes { try queue.write(to: buffer(array), from: $0, blocking: true) }
    }

    package func read(_ array: ParameterArray) throws -> [Float] {
        guard let layout else { return [] }
        let count = array == .statistics ? layout.statisticsCount : layout.parameterCount
        return try queue.read(from: buffer(array), as: Float.self, count: count)
    }

    // MARK: Kernels

    /// A kernel, built together with all others when `prepare` is called, or else when it is first launched.
    func kernel(_ name: String, _ program: ProgramDescriptor) -> TrainingKernel {
        let key = KernelKey(name: name, program: program)
        if let kernel = kernels[key] { return kernel }
        let kernel = TrainingKernel(name, program, runtime)
        kernels[key] = kernel
        return kernel
    }

    package func prepare() throws {
        try runtime.programs.build(Set(kernels.values.map(\.program)))
        if let layout { try makeOutcome(layout) }
    }

    /// Launches a kernel whose work-items have nothing to do with each other.
    ///
    /// Where a core runs a group by itself, groups are as small as can be: left to choose, drivers put everything into one
    /// group, and one core to work.
    func launch(_ kernel: TrainingKernel, _ global: NDRange, _ arguments: TrainingKernel.Argument...) throws {
        try launch(kernel, global, arguments)
    }

    func launch(_ kernel: TrainingKernel, _ global: NDRange, _ arguments: [TrainingKernel.Argument]) throws {
        let local = traits.groupSize == 1 ? NDRange([Int](repeating: 1, count: global.dimensions)) : nil
        try queue.enqueue(try kernel.bound(arguments), global: global, local: local)
    }

    // MARK: Profiling

    /// Begins to log every kernel and transfer.
    /// - Throws: `OpenCLError` if the backend was made without profiling.
    package func startLogging() throws { try queue.startLogging() }

    /// What ran since `startLogging`, in order.
    package func finishLogging() -> [LoggedCommand] { queue.finishLogging() }

    // MARK: Steps

    package func begin(images: Int) throws {
        self.images = images
        for convolution in convolutions { try pack(convolution) }
    }
}
