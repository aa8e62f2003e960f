import OpenCL
import Synchronization

/// A device, its context and the programs built for it, shared by every session that runs there.
public final class OpenCLRuntime: Sendable {
    /// The device.
    public let device: Device
    /// What kernels are fitted to.
    public let traits: DeviceTraits
    package let context: Context
    package let programs: ProgramCache
    package let memory: DeviceMemory
    /// Algorithms that were measured to be fastest.
    let tuning: ConvolutionTuning
    /// Once measured.
    let schedulingCosts = Mutex<SchedulingCosts?>(nil)

    /// A runtime with caches of the caller's.
    ///
    /// - Parameters:
    ///   - device: see `Device.select`.
    ///   - traits: what to fit kernels to; nil asks the device.
    ///   - cache: where compiled programs are kept for other processes; nil keeps none.
    ///   - tuning: where the fastest algorithms are kept for other processes; nil keeps none.
    /// - Throws: `OpenCLError` if the device gives no context.
    public init(
        device: Device, traits: DeviceTraits? = nil, cache: ProgramBinaryStore?, tuning: TuningStore? = nil
    ) throws {
        let traits = traits ?? DeviceTraits(device)
        self.device = device
        self.traits = traits
        self.tuning = ConvolutionTuning(device, traits, store: tuning)
        context = try Context(device: device)
        memory = DeviceMemory(device)
        programs = ProgramCache(context: context, binaries: cache)
    }

    /// A runtime that keeps compiled programs in `ProgramBinaryStore.standard(for:)`, and tuned algorithms in the folder that
    /// the environment names.
    ///
    /// - Parameters:
    ///   - device: see `Device.select`.
    ///   - traits: what to fit kernels to; nil asks the device.
    /// - Throws: `OpenCLError` if the device gives no context.
    public convenience init(device: Device, traits: DeviceTraits? = nil) throws {
        try self.init(device: device, traits: traits, cache: .standard(for: device), tuning: TuningStore())
    }

    /// The runtime of the device that `request` names: by index or part of the name; nil takes `AIG_DEVICE`, or else a
    /// GPU before a CPU. Of several drivers of the CPU it takes the fastest, which is measured once and kept in the cache.
    /// - Throws: `DeviceSelectionError` if there is none, `OpenCLError` if it gives no context.
    public convenience init(selecting request: String? = nil) throws {
        try self.init(device: Device.discover().selectFastest(request))
    }

    /// Calls `body` whenever a program is compiled for the device, from the thread that waits for it: to show that something goes
    /// on. It replaces an earlier one.
    public func observeBuilds(_ body: @escaping @Sendable (ProgramBuildEvent) -> Void) {
        programs.observe(body)
    }

    /// A queue of its own for the operators of a network.
    ///
    /// - Parameters:
    ///   - precision: what feature maps and the weights of convolutions are kept as.
    ///   - profiling: whether commands can be logged, for which the device keeps the times of each.
    ///   - buildsTogether: see `OpenCLExecutor.kernel`.
    /// - Throws: `OpenCLError`.
    func makeExecutor(
        precision: Precision = .float, profiling: Bool = false, buildsTogether: Bool = false
    ) throws -> OpenCLExecutor {
        var traits = traits
        traits.storage = precision
        return try OpenCLExecutor(
            context, traits, programs: programs, memory: memory, profiling: profiling, buildsTogether: buildsTogether)
    }
}
