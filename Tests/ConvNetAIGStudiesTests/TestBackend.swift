import ConvNetAIG
import Testing

/// The backends that studies are tested on. The device is the one that `AIG_DEVICE` names; without an OpenCL device the
/// tests fail.
enum TestBackend: String, CaseIterable, CustomTestStringConvertible {
    case reference, openCL

    /// Shared, as kernels are compiled once for it.
    private static let device = Result { try OpenCLRuntime(selecting: nil) }

    var choice: BackendChoice {
        get throws {
            switch self {
            case .reference: .reference
            case .openCL: .openCL(try Self.device.get())
            }
        }
    }

    var testDescription: String { rawValue }
}
