import ConvNetAIG
import Foundation
import OpenCL

/// Settings that all measurements of a run share.
struct Conditions {
    let runtime: OpenCLRuntime
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
        return [
            ("device", "\(device.description), \(device.computeUnits) compute units\(clock)"),
            ("driver", "\(device.driverVersion), \(device.version)"), ("date", date.formatted(.iso8601)),
        ]
    }

    /// Lines for the other settings.
    var schedulingFact: (name: String, value: String) { ("scheduling", scheduling.rawValue) }
    var imagesFact: (name: String, value: String) { ("pictures", images.description) }
    var seedFact: (name: String, value: String) { ("seed", "\(seed)") }
}
