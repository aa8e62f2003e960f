/// Whether time and memory grow no faster than the multiply-accumulates from the smallest network of a series to the
/// largest.
struct ScalingVerdict: Hashable {
    /// The largest's time per MAC over the smallest's.
    let time: Double
    /// The largest's bytes per MAC over the smallest's.
    let memory: Double

    /// Times of the same run differ by as much from one measurement to the next.
    static let noise = 0.05

    /// - Parameter results: of one series; nil for fewer than two.
    init?(_ results: [ScalingResult]) {
        guard results.count > 1, let smallest = results.min(by: { $0.batchMACs < $1.batchMACs }),
            let largest = results.max(by: { $0.batchMACs < $1.batchMACs }), smallest.timePerMAC > 0,
            smallest.bytesPerMAC > 0
        else { return nil }
        time = largest.timePerMAC / smallest.timePerMAC
        memory = largest.bytesPerMAC / smallest.bytesPerMAC
    }

    var timeHolds: Bool { time <= 1 + Self.noise }
    /// Bytes are counted, not measured.
    var memoryHolds: Bool { memory <= 1 }

    var text: String {
        func words(_ what: String, _ factor: Double, _ holds: Bool) -> String {
            "\(what) per MAC \(NumberText.factor(factor)), "
                + (holds ? "no faster than the MACs" : "FASTER than the MACs")
        }
        return "largest against smallest: " + words("time", time, timeHolds) + "; "
            + words("memory", memory, memoryHolds)
    }
}
