import ArgumentParser
import Foundation
import OpenCL
import Terminal

/// `aig devices`
struct DevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "List the OpenCL devices, with their limits and extensions.",
        discussion: """
            The numbers are those that --device takes. The default is the device that is used where neither \
            --device nor the environment variable AIG_DEVICE names one, or else the one that AIG_DEVICE \
            names. Where a processor has several drivers, that is the fastest of them.

            Examples:
              aig devices
              aig devices --json | jq '.[] | {index, name, global_memory}'
            """)

    @Flag(help: "Print an array of objects, sizes in bytes.")
    var json = false

    func run() throws {
        let found = try Device.discover()
        // Selecting knows whether drivers or devices are missing, or fail.
        if found.devices.isEmpty { _ = try found.select() }
        Drivers.warn(of: found.problems)
        var standard: Device?
        do throws(DeviceSelectionError) {
            standard = try Drivers.select(nil, from: found)
        } catch {
            // The list is just what helps to correct the variable.
            Console.warn("the environment variable \(Device.environmentVariable) names no device: \(error)")
        }
        let reports = found.devices.enumerated().map { DeviceReport($1, index: $0, isDefault: $1 == standard) }
        try Console.write(
            json
                ? JSONText.pretty(reports)
                : reports.map { $0.lines.joined(separator: "\n") }.joined(separator: "\n\n"))
    }
}
