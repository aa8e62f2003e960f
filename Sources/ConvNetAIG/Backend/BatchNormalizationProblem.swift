/// Batch normalization with given statistics, where it cannot be folded into a convolution.
public struct BatchNormalizationProblem: Sendable, Hashable {
    public var features: FeatureShape
    /// Apply ReLU to the result.
    public var rectifies: Bool
    /// Also keep the sum of each output row per channel.
    public var sumsRows: Bool

    public init(features: FeatureShape, rectifies: Bool = false, sumsRows: Bool = false) {
        self.features = features
        self.rectifies = rectifies
        self.sumsRows = sumsRows
    }
}
