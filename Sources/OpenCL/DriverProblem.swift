import Foundation

/// A driver that cannot be used, or one of its devices, and why: what ``Device/discover()`` leaves out.
public struct DriverProblem: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
    /// What went wrong.
    public enum Reason: Equatable, Sendable {
        /// A call failed that asks the driver for its properties, its devices, or for one of these.
        case failed(OpenCLError)
        /// PoCL has nowhere to keep what it compiles.
        case cacheFolder(PoCLCacheProblem)
    }

    /// `CL_PLATFORM_NAME`; of a driver that has not even a name, its place in the loader's list, as in "number 2".
    public let platform: String

    /// The device's name, or its place in the driver's list, as in "number 2"; nil if the driver failed as a whole.
    public let device: String?

    public let reason: Reason

    public init(platform: String, device: String? = nil, reason: Reason) {
        self.platform = platform
        self.device = device
        self.reason = reason
    }

    /// What failed, why, and what to do.
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

    public var errorDescription: String? { description }
}
