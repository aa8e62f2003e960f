import ConvNetAIG
import Foundation
import OpenCL

/// What all measurements of a run have in common.
struct Conditions {
    let runtime: OpenCLRuntime
    let scheduling: Scheduling
    let images: ImageSource
    let budget: TimeBudget
    /// Of routes, weights and synthetic images.
    let seed: UInt64
    let date = Date()

    /// The threads that peers get: as many as the device has compute units, if it is the CPU.
    var peerThreads: Int {
        let device = runtime.device
        return device.type == .cpu ? device.computeUnits : ProcessInfo.processInfo.activeProcessorCount
    }

    /// The device, its driver and the date, as reports begin.
    var facts: [(name: String, value: String)] {
        let device = runtime.device
        let clock = device.maxClockMHz > 0 ? ", \(device.maxClockMHz) MHz" : ""
        return [
            ("device", "\(device.description), \(device.computeUnits) compute units\(clock)"),
            ("driver", "\(device.driverVersion), \(device.version)"), ("date", date.formatted(.iso8601)),
        ]
    }

    /// Likewise for the other settings.
    var schedulingFact: (name: String, value: String) { ("scheduling", scheduling.rawValue) }
    var imagesFact: (name: String, value: String) { ("pictures", images.description) }
    var seedFact: (name: String, value: String) { ("seed", "\(seed)") }
}
