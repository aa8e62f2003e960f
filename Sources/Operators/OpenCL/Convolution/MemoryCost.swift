/// An estimate of what reading weights costs a core, in the cycles of ``DirectTileCost``.
struct MemoryCost {
    /// A launch of a kernel takes some microseconds.
    static let launchCycles = 10_000.0

    /// Cycles for each time that the weights are read.
    let cycles: Double

    private static let memoryBytesPerCycle = 8.0
    private static let cacheBytesPerCycle = 32.0
    /// What stays in a core's own cache beside the input.
    private static let coreCache = 768.0 * 1024

    /// - Parameter repeats: how often a core reads the same weights. Only the first time they come from memory, if at all.
    init(bytes: Double, repeats: Double) {
        // Networks with layers as small as that are small: all of their weights stay in the last cache.
        let first = bytes / (bytes > Self.coreCache ? Self.memoryBytesPerCycle : Self.cacheBytesPerCycle)
        let again = bytes > Self.coreCache ? bytes / Self.cacheBytesPerCycle : 0
        let repeats = max(repeats, 1)
        cycles = (first + again * (repeats - 1)) / repeats
    }
}
