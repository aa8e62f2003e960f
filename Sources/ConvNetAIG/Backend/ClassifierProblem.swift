/// The head: mean over the feature map, then a linear layer.
public struct ClassifierProblem: Sendable, Hashable {
    public var features: FeatureShape
    public var classes: Int

    public init(features: FeatureShape, classes: Int) {
        self.features = features
        self.classes = classes
    }
}
