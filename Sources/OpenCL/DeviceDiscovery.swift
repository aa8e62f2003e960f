import Foundation

/// The result of ``Device/discover()``: the usable devices, and the drivers and devices that failed.
///
/// A failing driver does not affect the others, but it should not go unnoticed: a program that uses ``devices`` also
/// shows ``problems`` to its user.
public struct DeviceDiscovery: Equatable, Sendable {
    /// The usable devices, sorted by the platform's name, then by its version, then in the driver's order. Their
    /// positions are the indices that ``select(_:)`` takes.
    public let devices: [Device]

    /// The drivers and devices that were left out, and why: first the drivers that fail to describe themselves, then in
    /// the order of the devices.
    public let problems: [DriverProblem]

    /// The names of the platforms that responded, whether or not they have devices.
    public let platforms: [String]

    init(devices: [Device] = [], problems: [DriverProblem] = [], platforms: [String] = []) {
        self.devices = devices
        self.problems = problems
        self.platforms = platforms
    }

    /// Chooses one of the devices.
    ///
    /// - Parameter request: As for ``Device/select(_:)``.
    /// - Throws: ``DeviceSelectionError``, if there is no such device; it lists the ``problems`` too.
    public func select(_ request: String? = nil) throws(DeviceSelectionError) -> Device {
        if devices.isEmpty {
            if !problems.isEmpty { throw .everyDriverFailed(problems) }
            throw platforms.isEmpty ? .noPlatform : .noDevice(platforms: platforms)
        }
        let selection = DeviceSelection(
            choices: devices.map(DeviceSelection.Choice.init(device:)), problems: problems)
        let environment = ProcessInfo.processInfo.environment[Device.environmentVariable]
        return devices[try selection.index(request: request, environment: environment)]
    }
}

extension Device {
    /// Looks for the devices of all platforms (`clGetPlatformIDs`, `clGetDeviceIDs`).
    ///
    /// - Returns: The devices, and the problems; both empty if no driver is installed.
    /// - Throws: ``OpenCLError``, if the ICD loader fails.
    public static func discover() throws(OpenCLError) -> DeviceDiscovery {
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

    /// All usable devices of all platforms, in the order of ``DeviceDiscovery/devices``. ``discover()`` also reports the
    /// failures.
    ///
    /// - Returns: The devices; empty if there's no driver or no device.
    /// - Throws: ``DeviceSelectionError/everyDriverFailed(_:)``, if drivers failed and no device is usable;
    ///   ``OpenCLError``, if the ICD loader fails.
    public static func all() throws -> [Device] {
        let found = try discover()
        guard found.problems.isEmpty || !found.devices.isEmpty else {
            throw DeviceSelectionError.everyDriverFailed(found.problems)
        }
        return found.devices
    }
}

/// A driver or a device that ``Device/discover()`` leaves out because it cannot be used, and why.
public struct DriverProblem: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
    /// What went wrong.
    public enum Reason: Equatable, Sendable {
        /// A query of the driver's properties, of its devices, or of a device's properties failed.
        case failed(OpenCLError)
        /// PoCL has no folder for compiled kernels.
        case cacheFolder(PoCLCacheProblem)
    }

    /// `CL_PLATFORM_NAME`, or the driver's position in the loader's list, as in "number 2", if it has no name.
    public let platform: String

    /// The device's name, or its position in the driver's list, as in "number 2"; nil if the driver as a whole failed.
    public let device: String?

    /// Why it cannot be used.
    public let reason: Reason

    /// Creates a problem of a driver, or of one of its devices.
    public init(platform: String, device: String? = nil, reason: Reason) {
        self.platform = platform
        self.device = device
        self.reason = reason
    }

    /// A message that says what failed, why, and what to do.
    public var description: String {
        let subject =
            device.map { "The OpenCL device \($0) of the driver \(platform)" } ?? "The OpenCL driver \(platform)"
        switch reason {
        case .failed(let error):
            // The error's own advice is for programs that run, not for drivers that do not start.
            let detail = error.detail.map { ": \($0)" } ?? ""
            return "\(subject) is left out, as \(error.call) fails with \(error.name) (\(error.code))\(detail). "
                + "Update the driver, or remove it."
        case .cacheFolder(let problem):
            return "\(subject) gives no device: \(problem)"
        }
    }

    /// The same as ``description``.
    public var errorDescription: String? { description }
}
