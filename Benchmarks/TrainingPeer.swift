/// Ways to train the same network in PyTorch. Raw values are the names that `Peers/serve.py` knows them by.
enum TrainingPeer: String, Codable, Hashable, CaseIterable {
    /// Tensors as images x channels x height x width, PyTorch's own order.
    case torch = "pytorch-training"
    /// Tensors whose channels lie together, which is often faster.
    case torchChannelsLast = "pytorch-training-channels-last"

    /// As the table names it.
    var label: String {
        switch self {
        case .torch: "PyTorch"
        case .torchChannelsLast: "PyTorch, channels last"
        }
    }
}
