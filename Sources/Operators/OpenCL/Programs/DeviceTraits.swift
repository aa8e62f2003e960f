import OpenCL

/// The traits of a device that kernels are fitted to: its own, or given, to try what another device would run.
public struct DeviceTraits: Sendable, Hashable {
    /// Floats in a vector: 16, 8 or 4.
    public var vectorWidth: Int
    /// Vector registers that a tile of accumulators may fill, together with its operands.
    public var vectorRegisters: Int
    /// Whether fma is as fast as a multiplication; mad takes its place elsewhere.
    public var hasFMA: Bool
    /// Work-items of a group: 1 where a core runs a group by itself, as on CPUs.
    public var groupSize: Int
    /// Work-items of a group at most, for kernels that share local memory.
    public var maxGroupSize: Int
    /// Local memory in bytes; 0 to do without.
    public var localMemory: Int
    /// Compute units: cores of a CPU; of GPUs see ``ComputeUnit``.
    public var computeUnits: Int
    /// What each of them holds at once, where groups have many items.
    public var unit: ComputeUnit
    /// The number format of feature maps and convolution weights: each session's own choice.
    public internal(set) var storage = Precision.float

    /// Traits of a device that need not be there.
    ///
    /// - Parameters:
    ///   - vectorRegisters: 3 or more, for the smallest tile.
    ///   - groupSize: 1 or more.
    ///   - maxGroupSize: `groupSize` or more.
    ///   - computeUnits: 1 or more.
    ///   - unit: what each of them holds at once, where groups have many items.
    public init(
        vectorWidth: Int, vectorRegisters: Int, hasFMA: Bool, groupSize: Int, maxGroupSize: Int = 256, localMemory: Int,
        computeUnits: Int = 1, unit: ComputeUnit = .any
    ) {
        self.vectorWidth = vectorWidth
        self.vectorRegisters = max(vectorRegisters, 3)
        self.hasFMA = hasFMA
        self.groupSize = max(groupSize, 1)
        self.maxGroupSize = max(maxGroupSize, self.groupSize)
        self.localMemory = localMemory
        self.computeUnits = max(computeUnits, 1)
        self.unit = unit
    }

    /// The traits of a device.
    public init(_ device: Device) {
        hasFMA = device.supportsFMA
        localMemory = device.localMemory
        unit = ComputeUnit(device)
        let engines = device.type != .cpu && unit == .intel ? ComputeUnit.intelEngines : 1
        computeUnits = max(device.computeUnits / engines, 1)
        // Beyond this, groups get too few to spread over the device.
        maxGroupSize = min(256, device.maxWorkGroupSize)
        if !device.runsItemsAsLanes {
            let width = max(device.nativeFloatVectorWidth, device.preferredFloatVectorWidth)
            vectorWidth = width >= 16 ? 16 : width >= 8 ? 8 : 4
            // AVX-512 has 32 registers; 16 are what every narrower instruction set has at least.
            vectorRegisters = vectorWidth == 16 ? 32 : 16
            groupSize = 1
        } else {
            // A work-item of a GPU has scalar registers, of which four by four accumulators leave room for many items.
            vectorWidth = 4
            vectorRegisters = 6
            groupSize = min(64, device.maxWorkGroupSize)
        }
    }
}

extension DeviceTraits {
    /// Whether work-items of a group run side by side, as lanes that neighbouring values suit, and share what they do; elsewhere
    /// a core has one work-item at a time.
    var hasLanes: Bool { groupSize > 1 && maxGroupSize >= ChannelBlock.size && vectorWidth <= ChannelBlock.size }

    /// All traits as text, to tell apart what was measured with others.
    var key: String {
        "DeviceTraits(vectorWidth: \(vectorWidth), vectorRegisters: \(vectorRegisters), hasFMA: \(hasFMA), "
            + "groupSize: \(groupSize), maxGroupSize: \(maxGroupSize), localMemory: \(localMemory), "
            + "computeUnits: \(computeUnits), unit: \(unit), storage: ConvNetAIG.Precision.\(storage.rawValue))"
    }
}
