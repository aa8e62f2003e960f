/// A gate: pooled features -> linear -> ReLU -> linear -> log-odds of "execute" over "skip".
public struct GateProblem: Sendable, Hashable {
    /// The feature map whose mean the gate sees.
    public var features: FeatureShape
    /// Width of the hidden layer.
    public var hidden: Int

    public init(features: FeatureShape, hidden: Int) {
        self.features = features
        self.hidden = hidden
    }
}
