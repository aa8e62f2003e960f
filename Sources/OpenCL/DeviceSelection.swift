import Foundation

extension Device {
    /// The environment variable that chooses the device when the program makes no request.
    public static let environmentVariable = "AIG_DEVICE"

    /// Chooses a device.
    ///
    /// - Parameter request: The device's index in ``all()``, or a part of its name or of its platform's name, in upper
    ///   or lower case; if several devices match, the first is chosen. A number beyond the list must match a whole word
    ///   of a name. Without a request (nil or blank), the environment variable `AIG_DEVICE` is used in its place; if
    ///   that is blank too, the first GPU is chosen, else the first accelerator, else the first CPU, else the first
    ///   device. Devices that are available take precedence over those that aren't.
    ///   Drivers that fail are skipped; ``discover()`` reports them.
    /// - Throws: ``DeviceSelectionError``, if there is no such device; ``OpenCLError``, if the ICD loader fails.
    public static func select(_ request: String? = nil) throws -> Device {
        try discover().select(request)
    }
}

/// The rules of ``Device/select(_:)`` on a plain list, which can be tested without drivers.
struct DeviceSelection {
    /// The properties of a device that the rules consider.
    struct Choice {
        let name: String
        let platformName: String
        let type: DeviceType
        let isAvailable: Bool
    }

    let choices: [Choice]
    /// Problems with other devices, one of which may have been requested.
    var problems: [DriverProblem] = []

    /// The index of the device that the request, or else the environment variable, asks for.
    ///
    /// - Throws: ``DeviceSelectionError``.
    func index(request: String?, environment: String?) throws(DeviceSelectionError) -> Int {
        guard !choices.isEmpty else { throw .noPlatform }
        guard let wanted = nonblank(request) ?? nonblank(environment) else { return preferred() }

        let number = Int(wanted)
        if let number, choices.indices.contains(number) { return number }

        let needle = wanted.lowercased()
        let matches = choices.indices.filter { index in
            [choices[index].name, choices[index].platformName].map { $0.lowercased() }.contains {
                // A number beyond the list may be a model's ("4090"), but "4" is no request for that one.
                number == nil
                    ? $0.contains(needle)
                    : $0.split { !$0.isLetter && !$0.isNumber }.contains { $0 == needle }
            }
        }
        if let match = matches.first(where: { choices[$0].isAvailable }) ?? matches.first { return match }
        if let number { throw .indexOutOfRange(index: number, available: listing, problems: problems) }
        throw .noMatch(request: wanted, available: listing, problems: problems)
    }

    /// The first device of the best type, among those that are available if any is.
    private func preferred() -> Int {
        let available = choices.indices.filter { choices[$0].isAvailable }
        let pool = available.isEmpty ? Array(choices.indices) : available
        for type in [DeviceType.gpu, .accelerator, .cpu] {
            if let index = pool.first(where: { choices[$0].type == type }) { return index }
        }
        return pool.first ?? 0
    }

    private var listing: [String] {
        choices.map { "\($0.name) (\($0.platformName))" }
    }

    private func nonblank(_ text: String?) -> String? {
        guard let text, let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return nil }
        return String(text[first...last])
    }
}

extension DeviceSelection.Choice {
    init(device: Device) {
        self.init(
            name: device.name, platformName: device.platformName, type: device.type,
            isAvailable: device.isAvailable)
    }
}

/// Why ``Device/select(_:)`` chose no device; the description says what to do.
public enum DeviceSelectionError: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
    /// No OpenCL driver is installed.
    case noPlatform

    /// Drivers are installed, with these platform names, but none of them has a device.
    case noDevice(platforms: [String])

    /// All drivers failed, or all of their devices.
    case everyDriverFailed([DriverProblem])

    /// No device's or platform's name contains the request. One of the failed devices may have been meant.
    case noMatch(request: String, available: [String], problems: [DriverProblem] = [])

    /// The request is a number, but neither an index into the list of devices nor a part of a name. One of the failed
    /// devices may have been meant.
    case indexOutOfRange(index: Int, available: [String], problems: [DriverProblem] = [])

    /// A message that says what is missing and what to do.
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

    /// The same as ``description``.
    public var errorDescription: String? { description }

    private static func list(_ available: [String], _ problems: [DriverProblem]) -> String {
        (available.enumerated().map { "  \($0.offset): \($0.element)" } + problems.map(\.description))
            .joined(separator: "\n")
    }
}
