/// A way to run the same networks in another library. Raw values are the names in `serve.py`.
enum Peer: String, Codable, Hashable, CaseIterable {
    case onnxDense = "onnxruntime-dense"
    case torchDense = "pytorch-dense"
    case torchFrozen = "pytorch-frozen"
    case onnxIf = "onnxruntime-if"
    case torchIf = "pytorch-if"
    case torchMultiplied = "pytorch-multiplied"

    /// Its name in the table.
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

    /// Whether it runs the ConvNet-AIG; otherwise it runs the ResNet.
    var isAdaptive: Bool {
        switch self {
        case .onnxDense, .torchDense, .torchFrozen: false
        case .onnxIf, .torchIf, .torchMultiplied: true
        }
    }

    /// The peers that run such a network at this batch size: an `If` node decides for a single image only.
    static func all(adaptive: Bool, batch: Int) -> [Peer] {
        allCases.filter { $0.isAdaptive == adaptive && ($0 != .onnxIf || batch == 1) }
    }
}

/// Whether two runtimes computed the same network.
enum LogitsComparison {
    /// Rounding differs by a hundredth of it or less; a block too many or too few by far more.
    static let allowedDifference = 1e-3

    /// The largest difference between logits over the largest of ours. Infinite if their numbers differ,
    /// or if they are not finite or all zero.
    static func difference(ours: [Float], theirs: [Float?]) -> Double {
        let largest = Double(ours.map(abs).max() ?? 0)
        guard ours.count == theirs.count, largest > 0, largest.isFinite else { return .infinity }
        var difference = 0.0
        for (our, their) in zip(ours, theirs) {
            guard let their, their.isFinite, our.isFinite else { return .infinity }
            difference = max(difference, abs(Double(our) - Double(their)))
        }
        return difference / largest
    }
}

/// Why peers could not be measured.
enum PeerFailure: Error, Hashable, CustomStringConvertible {
    case notPrepared(missing: String)
    case cannotStart(python: String, problem: String)
    case ended(log: String)
    case refused(String)
    case incomprehensible(String)
    case disagreement(peer: Peer, network: String, batch: Int, difference: Double, allowed: Double)
    case trainingDisagreement(peer: TrainingPeer, network: String, difference: Double, allowed: Double)

    var description: String {
        switch self {
        case .notPrepared(let missing):
            "\(missing) is not set: start with `Benchmarks/run --peers`, which installs the peers."
        case .cannotStart(let python, let problem):
            "the peers' Python cannot be started, \(python): \(problem)"
        case .ended(let log):
            "the peers' process ended. It said last:\n\(log)"
        case .refused(let problem):
            "the peers' process could not do what it was asked: \(problem)"
        case .incomprehensible(let line):
            "the peers' process answered what makes no sense: \(line.prefix(200))"
        case .trainingDisagreement(let peer, let network, let difference, let allowed):
            "\(network): the losses of \(peer.label)'s first steps differ from ours by \(difference), where \(allowed) is "
                + "allowed. Nothing is timed of networks that do not learn the same."
        case .disagreement(let peer, let network, let batch, let difference, let allowed):
            "\(network), batch \(batch): the logits of \(peer.label) differ from ours by \(difference) of the "
                + "largest, where \(allowed) is allowed. Nothing is timed of networks that are not the same."
        }
    }
}

/// Ways to train the same network in PyTorch. Raw values are the names in `serve.py`.
enum TrainingPeer: String, Codable, Hashable, CaseIterable {
    /// Tensors as images x channels x height x width, PyTorch's own order.
    case torch = "pytorch-training"
    /// Tensors whose channels lie together, which is often faster.
    case torchChannelsLast = "pytorch-training-channels-last"

    /// Its name in the table.
    var label: String {
        switch self {
        case .torch: "PyTorch"
        case .torchChannelsLast: "PyTorch, channels last"
        }
    }
}
