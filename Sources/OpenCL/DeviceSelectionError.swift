import Foundation

/// Why ``Device/select(_:)`` found no device; the description says what to do.
public enum DeviceSelectionError: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
    /// No OpenCL driver is installed.
    case noPlatform

    /// Drivers are installed (their platforms' names), but none of them has a device.
    case noDevice(platforms: [String])

    /// Drivers failed, or all of their devices did, and there is no device beside them.
    case everyDriverFailed([DriverProblem])

    /// No device's or platform's name contains the request. What failed may be what was asked for.
    case noMatch(request: String, available: [String], problems: [DriverProblem] = [])

    /// The request is a number, but neither an index into the list of devices nor a part of a name. What failed may be
    /// what was asked for.
    case indexOutOfRange(index: Int, available: [String], problems: [DriverProblem] = [])

    public var description: String {
        switch self {
        case .noPlatform:
            return "No OpenCL driver is installed. Install the graphics card vendor's driver, or "
                + "pocl-opencl-icd to run on the CPU; clinfo -l lists what is installed."
        case .noDevice(let platforms):
            return "None of the OpenCL platforms (\(platforms.joined(separator: ", "))) has a device. Check "
                + "that the device is plugged in and that this user may use it, or install "
                + "pocl-opencl-icd to run on the CPU."
        case .everyDriverFailed(let problems):
            return (["No OpenCL device can be used."] + problems.map(\.description)).joined(separator: "\n")
        case .noMatch(let request, let available, let problems):
            return "No OpenCL device matches \"\(request)\". Ask for an index or a part of a name from:\n"
                + Self.list(available, problems)
        case .indexOutOfRange(let index, let available, let problems):
            let range = available.count == 1 ? "only index is 0" : "indices are 0 to \(available.count - 1)"
            return "There is no OpenCL device with index \(index); the \(range). Ask for one of:\n"
                + Self.list(available, problems)
        }
    }

    public var errorDescription: String? { description }

    private static func list(_ available: [String], _ problems: [DriverProblem]) -> String {
        (available.enumerated().map { "  \($0.offset): \($0.element)" } + problems.map(\.description))
            .joined(separator: "\n")
    }
}
