import Foundation

/// What ``Device/discover()`` found: the devices that can be used, and the drivers and devices that failed.
///
/// A driver that fails takes none of the others with it, but is never passed over in silence: a program that uses
/// ``devices`` tells its user of ``problems``.
public struct DeviceDiscovery: Equatable, Sendable {
    /// In a fixed order: by the platform's name, then by its version, then in the driver's order. Their places in the
    /// list are the indices that ``select(_:)`` takes.
    public let devices: [Device]

    /// What was left out, and why: first the drivers that cannot say what they are, then in the order of the devices.
    public let problems: [DriverProblem]

    /// The names of the platforms that answered, with or without devices.
    public let platforms: [String]

    init(devices: [Device] = [], problems: [DriverProblem] = [], platforms: [String] = []) {
        self.devices = devices
        self.problems = problems
        self.platforms = platforms
    }

    /// Chooses one of the devices.
    ///
    /// - Parameter request: As for ``Device/select(_:)``.
    /// - Throws: ``DeviceSelectionError``, if there is no such device; it names the ``problems`` too.
    public func select(_ request: String? = nil) throws(DeviceSelectionError) -> Device {
        if devices.isEmpty {
            if !problems.isEmpty { throw .everyDriverFailed(problems) }
            throw platforms.isEmpty ? .noPlatform : .noDevice(platforms: platforms)
        }
        let selection = DeviceSelection(
            candidates: devices.map(DeviceSelection.Candidate.init(device:)), problems: problems)
        let environment = ProcessInfo.processInfo.environment[Device.environmentVariable]
        return devices[try selection.index(request: request, environment: environment)]
    }
}

extension Device {
    /// Looks for the devices of all platforms (`clGetPlatformIDs`, `clGetDeviceIDs`).
    ///
    /// - Returns: The devices, and what failed; empty if there is no driver.
    /// - Throws: ``OpenCLError``, if the ICD loader fails.
    public static func discover() throws -> DeviceDiscovery {
        let found = try Platform.discover()
        // The loader's order follows the files in its folder and so isn't the same on every machine.
        let platforms = found.platforms.enumerated().sorted { left, right in
            (left.element.name, left.element.version, left.offset)
                < (right.element.name, right.element.version, right.offset)
        }.map(\.element)
        var devices: [Device] = []
        var problems = found.problems
        for platform in platforms {
            for result in platform.discoverDevices() {
                switch result {
                case .success(let device): devices.append(device)
                case .failure(let problem): problems.append(problem)
                }
            }
        }
        return DeviceDiscovery(devices: devices, problems: problems, platforms: platforms.map(\.name))
    }

    /// All devices of all platforms that can be used, in the order of ``DeviceDiscovery/devices``. ``discover()`` also
    /// tells what failed beside them.
    ///
    /// - Returns: The devices; empty if there's no driver or no device.
    /// - Throws: ``DeviceSelectionError/everyDriverFailed(_:)``, if drivers failed and there is no device beside them;
    ///   ``OpenCLError``, if the ICD loader fails.
    public static func all() throws -> [Device] {
        let found = try discover()
        guard found.problems.isEmpty || !found.devices.isEmpty else {
            throw DeviceSelectionError.everyDriverFailed(found.problems)
        }
        return found.devices
    }
}
