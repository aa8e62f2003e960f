/// Why a network cannot be calibrated.
public enum CalibrationError: Error, Sendable, Hashable, CustomStringConvertible {
    case noGates(String)
    case noImages

    public var description: String {
        switch self {
        case .noGates(let name):
            "\(name) has no gates, and costs the same for every picture: there is nothing to calibrate"
        case .noImages: "none of the pictures could be read: a calibration needs some"
        }
    }
}
