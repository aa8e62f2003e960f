import OpenCL
import Synchronization

/// A device, its context and the programs built for it, shared by every session that runs there.
public final class OpenCLRuntime: Sendable {
    public let device: Device
    public let traits: DeviceTraits
    package let context: Context
    package let programs: ProgramCache
    package let memory: DeviceMemory
    /// Algorithms that were measured to be fastest.
    let tuning: ConvolutionTuning
    /// Once measured.
    let schedulingCosts = Mutex<SchedulingCosts?>(nil)

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

    /// Keeps compiled programs in `ProgramBinaryStore.standard(for:)`, and what was tuned in the folder that the environment
    /// names.
    ///
    /// - Parameters:
    ///   - device: see `Device.select`.
    ///   - traits: what to fit kernels to; nil asks the device.
    /// - Throws: `OpenCLError` if the device gives no context.
    public convenience init(device: Device, traits: DeviceTraits? = nil) throws {
        try self.init(device: device, traits: traits, cache: .standard(for: device), tuning: TuningStore())
    }

    /// The runtime of the device that `request` names: by index or part of the name; nil takes `AIG_DEVICE`, or else a
    /// GPU before a CPU.
    /// - Throws: `DeviceSelectionError` if there is none, `OpenCLError` if it gives no context.
    public convenience init(selecting request: String? = nil) throws {
        try self.init(device: Device.select(request))
    }
}
