/// What scheduling costs on a device, in seconds.
public struct SchedulingCosts: Sendable, Hashable {
    /// A launch behind others.
    public var launch: Double
    /// A work-group with nothing to do.
    public var idleGroup: Double
    /// Waiting for a decision and reading it.
    public var read: Double

    public init(launch: Double, idleGroup: Double, read: Double) {
        self.launch = launch
        self.idleGroup = idleGroup
        self.read = read
    }

    /// Whether to let the device skip a block rather than read its decision.
    ///
    /// Reading costs the same whatever is read; launching costs only where the block turns out closed, for then nothing
    /// hides it.
    ///
    /// - Parameters:
    ///   - launches: kernels of the block's branch.
    ///   - groups: work-groups of these for one image.
    ///   - images: images of the batch.
    ///   - rate: share of images for which the block runs.
    package func prefersDevice(launches: Int, groups: Int, images: Int, rate: Double) -> Bool {
        let closed = 1 - min(max(rate, 0), 1)
        // Idle groups are there for every closed image; a launch is wasted only if the block is closed for all.
        var allClosed = 1.0
        for _ in 0..<images { allClosed *= closed }
        let wasted =
            Double(launches) * launch * allClosed + Double(groups) * Double(images) * closed * idleGroup
        return wasted < read
    }
}
