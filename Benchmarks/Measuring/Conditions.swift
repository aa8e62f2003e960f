import ConvNetAIG
import Foundation
import OpenCL

/// Settings that all measurements of a run share.
struct Conditions {
    let runtime: OpenCLRuntime
    /// Other drivers of the same processor, which are timed in turns with it.
    var otherRuntimes: [OpenCLRuntime] = []
    let scheduling: Scheduling
    let images: ImageSource
    let budget: TimeBudget
    /// The seed of routes, weights and synthetic images.
    let seed: UInt64
    let date = Date()

    /// The number of threads for peers: that of the device's compute units, if the device is the CPU.
    var peerThreads: Int {
        let device = runtime.device
        return device.type == .cpu ? device.computeUnits : ProcessInfo.processInfo.activeProcessorCount
    }

    /// The device, its driver and the date, with which reports begin.
    var facts: [(name: String, value: String)] {
        let device = runtime.device
        let clock = device.maxClockMHz > 0 ? ", \(device.maxClockMHz) MHz" : ""
        return [("device", "\(device.description), \(device.computeUnits) compute units\(clock)")]
            + ([runtime] + otherRuntimes).map { ("driver", "\($0.device.driverVersion), \($0.device.version)") }
            + [("date", date.formatted(.iso8601))]
    }

    /// Lines for the other settings.
    var schedulingFact: (name: String, value: String) { ("scheduling", scheduling.rawValue) }
    var imagesFact: (name: String, value: String) { ("pictures", images.description) }
    var seedFact: (name: String, value: String) { ("seed", "\(seed)") }
}

/// How long networks that take turns are measured.
struct TimeBudget: Hashable {
    /// The time to spend on each network.
    var secondsPerNetwork: Double
    /// The number of rounds to reach even if it takes longer, up to twice the time.
    var targetRounds: Int

    static let standard = TimeBudget(secondsPerNetwork: 2, targetRounds: 10)
    static let quick = TimeBudget(secondsPerNetwork: 0.7, targetRounds: 5)

    /// A median needs three values.
    static let minRounds = 3
    /// Enough for any percentile that is reported.
    static let maxRounds = 5000

    /// Whether to go on after so many rounds. The minimum gives way to `minRounds` where it would take
    /// more than twice the time: a large network at a large batch has many images in every round.
    func wantsRound(after rounds: Int, seconds: Double, networks: Int) -> Bool {
        let budget = secondsPerNetwork * Double(networks)
        if rounds < Self.minRounds { return true }
        if rounds < targetRounds { return seconds < 2 * budget }
        return rounds < Self.maxRounds && seconds < budget
    }

    /// Whether to go on warming up: kernels are specialised as routes first need them, and automatic
    /// scheduling learns from the first runs.
    func wantsWarmUp(after rounds: Int, seconds: Double, networks: Int) -> Bool {
        if rounds < 1 { return true }
        return rounds < 20 && seconds < 0.2 * secondsPerNetwork * Double(networks)
    }
}

/// How often a network runs when it is its turn: first untimed, to warm up, then timed. Short ones run many times, so that
/// both sides work for about as long, and both are timed in the same state: as back to back.
///
/// A first run after a pause would say something else. PoCL's threads, which sleep between batches, wake at times on one
/// core, until the system spreads them: on 2 cores ResNet-50 took 58 to 65 ms instead of 44 in its first run after 300 ms,
/// now and then after 50 ms too, and up to a fifth more in its second. With the threads pinned (POCL_AFFINITY=1) the first
/// run was as fast as any, and so was ONNX Runtime's.
struct Turn: Hashable {
    /// Runs before the timed ones.
    let untimed: Int
    let timed: Int

    /// - Parameter milliseconds: the expected time of a run.
    init(expecting milliseconds: Double) {
        let expected = max(milliseconds, 0.01)
        func runs(filling span: Double) -> Int { min(max(Int((span / expected).rounded(.up)), 1), Self.maxRuns) }
        untimed = runs(filling: Self.untimedMilliseconds)
        timed = runs(filling: Self.timedMilliseconds)
    }

    private static let untimedMilliseconds = 50.0
    private static let timedMilliseconds = 60.0
    private static let maxRuns = 200
}
