/// Which optimizer settings a parameter follows.
public enum ParameterGroup: String, Sendable, Hashable, Codable, CaseIterable {
    /// Convolutions and the classifier's matrix.
    case weights
    /// Batch norm's scale and shift, and the classifier's bias.
    case normalization
    /// Everything of the gates: their linear layers, biases and batch norm.
    case gates
}
