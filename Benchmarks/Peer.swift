/// What runs the same networks elsewhere, and how. Raw values are the names that `Peers/serve.py` knows them
/// by.
enum Peer: String, Codable, Hashable, CaseIterable {
    case onnxDense = "onnxruntime-dense"
    case torchDense = "pytorch-dense"
    case torchFrozen = "pytorch-frozen"
    case onnxIf = "onnxruntime-if"
    case torchIf = "pytorch-if"
    case torchMultiplied = "pytorch-multiplied"

    /// As the table names it.
    var label: String {
        switch self {
        case .onnxDense: "ONNX Runtime, dense"
        case .torchDense: "PyTorch, eager"
        case .torchFrozen: "PyTorch, frozen"
        case .onnxIf: "ONNX Runtime, If"
        case .torchIf: "PyTorch, if"
        case .torchMultiplied: "PyTorch, all x gate"
        }
    }

    /// The name under which the peers' process gives its version.
    var library: String {
        switch self {
        case .onnxDense, .onnxIf: "ONNX Runtime"
        case .torchDense, .torchFrozen, .torchIf, .torchMultiplied: "PyTorch"
        }
    }

    /// Whether it runs the ConvNet-AIG, and else the ResNet.
    var isAdaptive: Bool {
        switch self {
        case .onnxDense, .torchDense, .torchFrozen: false
        case .onnxIf, .torchIf, .torchMultiplied: true
        }
    }

    /// Those that run such a network at a batch size: an `If` node decides for a single image.
    static func all(adaptive: Bool, batch: Int) -> [Peer] {
        allCases.filter { $0.isAdaptive == adaptive && ($0 != .onnxIf || batch == 1) }
    }
}
