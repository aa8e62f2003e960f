/// Why a network cannot be calibrated.
public enum CalibrationError: Error, Sendable, Hashable, CustomStringConvertible {
    case noGates(String)
    case noPictures

    public var description: String {
        switch self {
        case .noGates(let name):
            "\(name) has no gates, and costs the same for every picture: there is nothing to calibrate"
        case .noPictures: "none of the pictures could be read: a calibration needs some"
        }
    }
}
