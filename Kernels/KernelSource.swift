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
    case trainingNormalization = "TrainingNormalization"
    case sharedNormalization = "SharedNormalization"
    case weightPacking = "WeightPacking"
    case weightGradient = "WeightGradient"
    case weightGradientGEMM = "WeightGradientGEMM"
    case winogradWeightGradient = "WinogradWeightGradient"
    case inputGradient = "InputGradient"
    case trainingGate = "TrainingGate"
    case sharedGate = "SharedGate"
    case trainingClassifier = "TrainingClassifier"
    case sharedClassifier = "SharedClassifier"
    case trainingPooling = "TrainingPooling"
    case optimizer = "Optimizer"
    case attack = "Attack"

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
            case .trainingNormalization: PackageResources.TrainingNormalization_cl
            case .sharedNormalization: PackageResources.SharedNormalization_cl
            case .weightPacking: PackageResources.WeightPacking_cl
            case .weightGradient: PackageResources.WeightGradient_cl
            case .weightGradientGEMM: PackageResources.WeightGradientGEMM_cl
            case .winogradWeightGradient: PackageResources.WinogradWeightGradient_cl
            case .inputGradient: PackageResources.InputGradient_cl
            case .trainingGate: PackageResources.TrainingGate_cl
            case .sharedGate: PackageResources.SharedGate_cl
            case .trainingClassifier: PackageResources.TrainingClassifier_cl
            case .sharedClassifier: PackageResources.SharedClassifier_cl
            case .trainingPooling: PackageResources.TrainingPooling_cl
            case .optimizer: PackageResources.Optimizer_cl
            case .attack: PackageResources.Attack_cl
            }
        return (prefix.map { String(decoding: $0.text, as: UTF8.self) } ?? "") + String(decoding: bytes, as: UTF8.self)
    }

    /// What comes before the file, as others share it, and the functions that it defines.
    private var prefix: (text: [UInt8], functions: [String])? {
        switch self {
        case .winograd, .winogradWeightGradient, .weightPacking:
            (PackageResources.WinogradTransforms_cl, Self.winogradTransforms)
        case .trainingNormalization, .sharedNormalization:
            (PackageResources.NormalizationState_cl, Self.normalizationState)
        default: nil
        }
    }

    private static let winogradTransforms = [
        "transform_input_line", "transform_output_line", "transform_taps", "transform_gradient_line",
        "transform_sums_line", "transform_input",
    ]

    private static let normalizationState = ["set_statistics", "set_gradient_factors", "use_running_statistics"]

    /// The kernels and functions that the text defines.
    public var functions: [String] { (prefix?.functions ?? []) + ownFunctions }

    private var ownFunctions: [String] {
        switch self {
        case .convolution: ["convolution", "convolve_rows", "convolve_tile"]
        case .winograd:
            [
                "winograd", "multiply_point", "transform_output",
            ]
        case .implicitGEMM: ["implicit_gemm", "implicit_gemm_reduce", "read_step", "halves_at", "to_halves"]
        case .im2col: ["im2col", "store_product"]
        case .pooling: ["max_pool", "sum_rows"]
        case .shortcut: ["zero_padded_shortcut"]
        case .gate: ["decide"]
        case .linear: ["mean_features", "linear"]
        case .batchNormalization: ["batch_normalization"]
        case .halo: ["zero_halos"]
        case .trainingNormalization, .sharedNormalization:
            [
                "measure_images", "measure_batch", "activate", "backward_output", "sum_gradient", "finish_sums",
                "backward_normalization",
            ]
        case .weightPacking:
            [
                "pack_panels", "pack_winograd",
            ]
        case .weightGradient:
            [
                "weight_gradient", "add_slices",
            ]
        case .weightGradientGEMM: ["weight_gradient_gemm", "weight_gradient_reduce"]
        case .winogradWeightGradient:
            [
                "winograd_weight_gradient", "add_winograd_slices", "transform_gradient_tile", "add_products",
            ]
        case .inputGradient:
            [
                "input_gradient"
            ]
        case .trainingGate:
            [
                "gate_hidden", "gate_statistics", "gate_decide", "gate_backward_decision", "gate_backward_statistics",
                "gate_backward_features", "gate_backward_parameters",
            ]
        case .sharedGate:
            [
                "gate_hidden", "gate_statistics", "gate_decide", "gate_backward_decision", "gate_backward_statistics",
                "gate_backward_features", "gate_backward_parameters", "row_products",
            ]
        case .sharedClassifier:
            [
                "classifier_logits", "classifier_losses", "classifier_distillation", "classifier_backward_features",
                "classifier_backward_parameters", "group_max", "log_sum",
            ]
        case .trainingClassifier:
            [
                "classify", "classifier_backward_features", "classifier_backward_parameters",
            ]
        case .trainingPooling:
            [
                "mean_of_rows", "backward_max_pool", "backward_zero_padded_shortcut",
            ]
        case .optimizer:
            [
                "square_sums", "finish_norm", "update",
            ]
        case .attack: ["perturb"]
        }
    }
}
