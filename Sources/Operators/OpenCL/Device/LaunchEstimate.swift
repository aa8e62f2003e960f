/// What a launch of a kernel asks of a device, and an estimate of how long that takes. Nothing is measured: it tells what is
/// sure to be slow, not what is fast.
package struct LaunchEstimate: Sendable, Hashable {
    /// Name of the kernel.
    package var kernel: String
    /// Work-groups.
    package var groups: Int
    /// Work-items of a group.
    package var groupSize: Int
    /// Registers of an item, as estimated.
    package var registers: Int
    /// Local memory of a group, in bytes.
    package var localMemory: Int
    /// Multiply-adds, those of padding as well.
    package var multiplyAdds: Int
    /// Bytes of global memory that are read or written, each once.
    package var bytes: Int
    /// Trips of an item's loop that wait for global memory, one after the other.
    package var passes: Int

    /// Work-items.
    package var items: Int { groups * groupSize }

    /// How often the device is filled with groups, one after the other.
    package func waves(on traits: DeviceTraits) -> Int {
        let resident = traits.unit.residentGroups(
            items: groupSize, registersPerItem: registers, localMemory: localMemory)
        return max(1, (groups + traits.computeUnits * resident - 1) / (traits.computeUnits * resident))
    }

    /// max(operations / peak, bytes / bandwidth, waves x passes x latency) and the launch itself, by the rates of
    /// ``ComputeUnit``.
    package func seconds(on traits: DeviceTraits) -> Double {
        let units = Double(traits.computeUnits)
        let computing = 2 * Double(multiplyAdds) / (units * ComputeUnit.operationsPerSecond)
        let moving = Double(bytes) / (units * ComputeUnit.bytesPerSecond)
        let waiting = Double(waves(on: traits) * passes) * ComputeUnit.passSeconds
        return max(computing, moving, waiting) + ComputeUnit.launchSeconds
    }

    /// Whether there are two groups a unit, and items for its lanes, or else items enough to keep units busy.
    package func fills(_ traits: DeviceTraits) -> Bool {
        let units = traits.computeUnits
        return groups >= 2 * units && items >= 64 * units || items >= ComputeUnit.busyItems * units
    }
}

extension Sequence<LaunchEstimate> {
    /// Of launches one after the other.
    package func seconds(on traits: DeviceTraits) -> Double { reduce(0) { $0 + $1.seconds(on: traits) } }
}
