/// The OpenCL C sources, embedded in the library: nothing is looked up on disk at run time.
public enum KernelSource: String, Sendable, Hashable, CaseIterable {
    case convolution = "Convolution"
    case pooling = "Pooling"
    case shortcut = "Shortcut"
    case gate = "Gate"
    case linear = "Linear"
    case batchNormalization = "BatchNormalization"

    /// The file's text behind the definitions that all kernels share.
    public var text: String {
        let bytes =
            switch self {
            case .convolution: PackageResources.Convolution_cl
            case .pooling: PackageResources.Pooling_cl
            case .shortcut: PackageResources.Shortcut_cl
            case .gate: PackageResources.Gate_cl
            case .linear: PackageResources.Linear_cl
            case .batchNormalization: PackageResources.BatchNormalization_cl
            }
        return String(decoding: PackageResources.Common_cl, as: UTF8.self) + String(decoding: bytes, as: UTF8.self)
    }
}
