import OpenCL

/// What a compute unit of a GPU holds at once, and how fast it is taken to be: for estimates of launches. A unit is what runs
/// the items of a work-group: an SM of NVIDIA's, a WGP of AMD's, a Xe-core of Intel's.
///
/// The rates are an H100's, divided by its 132 units; within a factor of two they are those of the others as well.
public struct ComputeUnit: Sendable, Hashable {
    /// Registers, of 32 bits.
    public var registers: Int
    /// Local memory in bytes, of all groups.
    public var localMemory: Int
    /// Work-items.
    public var items: Int
    /// Registers of an item, at most, so that compilers spill none to memory.
    public var registersPerItem: Int
    /// Sums that an item may keep in them, beside their operands.
    public var accumulators: Int

    /// - Parameters:
    ///   - registers: of 32 bits.
    ///   - localMemory: in bytes.
    ///   - items: work-items.
    ///   - registersPerItem: at most, 64 or more.
    ///   - accumulators: of an item, 4 or more.
    public init(registers: Int, localMemory: Int, items: Int, registersPerItem: Int, accumulators: Int) {
        self.registers = registers
        self.localMemory = localMemory
        self.items = items
        self.registersPerItem = max(registersPerItem, 64)
        self.accumulators = max(accumulators, 4)
    }

    /// An SM: an item may have 255 registers, but only with 128 is there room for the items that keep it busy.
    public static let nvidia = ComputeUnit(
        registers: 65536, localMemory: 98304, items: 2048, registersPerItem: 128, accumulators: 32)
    /// A WGP: compilers may keep to 128 registers an item.
    public static let amd = ComputeUnit(
        registers: 196_608, localMemory: 131_072, items: 2048, registersPerItem: 128, accumulators: 32)
    /// A Xe-core: eight items in step have 128 registers each, and sixteen 64.
    public static let intel = ComputeUnit(
        registers: 131_072, localMemory: 65536, items: 2048, registersPerItem: 96, accumulators: 16)
    /// A GPU of which no more is known: what the others have in common.
    public static let any = ComputeUnit(
        registers: 65536, localMemory: 65536, items: 2048, registersPerItem: 96, accumulators: 16)

    /// Vector engines of a Xe-core, which is what Intel's driver counts.
    static let intelEngines = 16

    /// The unit of a device.
    init(_ device: Device) {
        let vendor = device.vendor.lowercased()
        if vendor.contains("nvidia") {
            self = .nvidia
        } else if vendor.contains("advanced micro devices") || vendor.contains("amd") {
            self = .amd
        } else if vendor.contains("intel") {
            self = .intel
        } else {
            self = .any
        }
    }

    // MARK: Rates

    /// Multiplications and additions of floats a second: 50 TFLOP/s of 132 units.
    static let operationsPerSecond = 50e12 / 132
    /// Bytes of global memory a second: 2.8 TB/s of 132 units.
    static let bytesPerSecond = 2.8e12 / 132
    /// Bytes of the cache that units share.
    static let cacheBytesPerSecond = 2 * bytesPerSecond
    /// From a read of global memory to its value.
    static let passSeconds = 0.35e-6
    /// Of a kernel that does nothing, one after the other.
    static let launchSeconds = 2.5e-6
    /// Work-items that keep a unit busy: sixteen groups of 32 in step.
    static let busyItems = 512

    /// Groups that a unit has room for at once; 1 at least.
    func residentGroups(items: Int, registersPerItem: Int, localMemory: Int) -> Int {
        let byRegisters = registers / max(registersPerItem * items, 1)
        let byLocalMemory = localMemory > 0 ? self.localMemory / localMemory : Int.max
        return max(1, min(byRegisters, byLocalMemory, self.items / max(items, 1), 32))
    }
}
