/// The number format of feature maps and convolution weights on a device. Sums are floats in either case, and so are
/// images, gates and logits.
public enum Precision: String, Sendable, Hashable, CaseIterable, Codable {
    /// 32 bits.
    case float
    /// 16 bits: half the memory and half the traffic, for an error of about 1 in 1000 of each stored value; values beyond
    /// 65504 become infinite. On OpenCL devices.
    case half
}

/// What to prefer where speed costs memory.
public enum OptimizationGoal: String, Sendable, Hashable, CaseIterable, Codable {
    /// The fastest algorithms, although some of them keep more weights: Winograd convolution has up to four times as many.
    case speed
    /// Algorithms that keep no more weights than the network has, among them what a ``ConvolutionTuner`` found. A session is
    /// ready sooner, too.
    case memory
}

/// Who looks at the gates' decisions. It changes times, never results.
public enum Scheduling: String, Sendable, Hashable, CaseIterable, Codable {
    /// The host reads each decision and launches only what runs.
    case host
    /// Everything is launched, and the kernels of closed blocks return at once: nothing is read back before the logits.
    case device
    /// Per block, whichever costs less on this device.
    case automatic
}

/// Costs of scheduling on a device, in seconds.
public struct SchedulingCosts: Sendable, Hashable {
    /// A launch behind others.
    public var launch: Double
    /// A work-group with nothing to do.
    public var idleGroup: Double
    /// Waiting for a decision and reading it.
    public var read: Double

    /// Costs as they were measured, or for a device that is imagined.
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
