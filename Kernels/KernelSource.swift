/// The OpenCL C sources, embedded in the library: nothing is looked up on disk at run time.
public enum KernelSource: String, Sendable, Hashable, CaseIterable {
    case convolution = "Convolution"
    case winograd = "Winograd"
    case implicitGEMM = "ImplicitGEMM"
    case im2col = "Im2col"
    case pooling = "Pooling"
    case shortcut = "Shortcut"
    case gate = "Gate"
    case linear = "Linear"
    case batchNormalization = "BatchNormalization"
    case halo = "Halo"

    /// What the files share: it comes before them, once.
    public static var common: String { String(decoding: PackageResources.Common_cl, as: UTF8.self) }

    /// The file's text.
    public var text: String {
        let bytes =
            switch self {
            case .convolution: PackageResources.Convolution_cl
            case .winograd: PackageResources.Winograd_cl
            case .implicitGEMM: PackageResources.ImplicitGEMM_cl
            case .im2col: PackageResources.Im2col_cl
            case .pooling: PackageResources.Pooling_cl
            case .shortcut: PackageResources.Shortcut_cl
            case .gate: PackageResources.Gate_cl
            case .linear: PackageResources.Linear_cl
            case .batchNormalization: PackageResources.BatchNormalization_cl
            case .halo: PackageResources.Halo_cl
            }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The kernels and functions that the file defines.
    public var functions: [String] {
        switch self {
        case .convolution: ["convolution", "convolve_rows", "convolve_tile"]
        case .winograd:
            [
                "winograd", "transform_input_line", "transform_output_line", "transform_input", "multiply_point",
                "transform_output",
            ]
        case .implicitGEMM: ["implicit_gemm"]
        case .im2col: ["im2col", "store_product"]
        case .pooling: ["max_pool", "sum_rows"]
        case .shortcut: ["zero_padded_shortcut"]
        case .gate: ["decide"]
        case .linear: ["mean_features", "linear"]
        case .batchNormalization: ["batch_normalization"]
        case .halo: ["zero_halos"]
        }
    }
}
