import ConvNetAIG

/// What a training step changes, by the authors' names of tensors (see `Weights.layout(of:)`).
public struct TrainingState: Sendable {
    /// Parameters and batch norm's running statistics.
    public var weights: [String: Tensor]
    /// The optimizer's velocity of each parameter.
    public var momentum: [String: Tensor]
    /// The moving average of each parameter; empty where none is kept.
    public var average: [String: Tensor]

    public init(weights: [String: Tensor], momentum: [String: Tensor] = [:], average: [String: Tensor] = [:]) {
        self.weights = weights
        self.momentum = momentum
        self.average = average
    }
}
