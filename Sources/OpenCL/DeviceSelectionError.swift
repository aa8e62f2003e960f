/// Why ``Device/select(_:)`` found no device; the description says what to do.
public enum DeviceSelectionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No OpenCL driver is installed.
    case noPlatform

    /// Drivers are installed (their platforms' names), but none of them has a device.
    case noDevice(platforms: [String])

    /// No device's or platform's name contains the request.
    case noMatch(request: String, available: [String])

    /// The request is a number, but neither an index into the list of devices nor a part of a name.
    case indexOutOfRange(index: Int, available: [String])

    public var description: String {
        switch self {
        case .noPlatform:
            return "No OpenCL driver is installed. Install the graphics card vendor's driver, or "
                + "pocl-opencl-icd to run on the CPU; clinfo -l lists what is installed."
        case .noDevice(let platforms):
            return "None of the OpenCL platforms (\(platforms.joined(separator: ", "))) has a device. Check "
                + "that the device is plugged in and that this user may use it, or install "
                + "pocl-opencl-icd to run on the CPU."
        case .noMatch(let request, let available):
            return "No OpenCL device matches \"\(request)\". Ask for an index or a part of a name from:\n"
                + Self.list(available)
        case .indexOutOfRange(let index, let available):
            let range = available.count == 1 ? "only index is 0" : "indices are 0 to \(available.count - 1)"
            return "There is no OpenCL device with index \(index); the \(range). Ask for one of:\n"
                + Self.list(available)
        }
    }

    private static func list(_ available: [String]) -> String {
        available.enumerated().map { "  \($0.offset): \($0.element)" }.joined(separator: "\n")
    }
}
