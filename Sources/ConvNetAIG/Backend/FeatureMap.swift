/// Feature maps that a network needs for each image, and while which of its steps: what a backend plans memory by.
public struct FeatureMap: Sendable, Hashable {
    public enum Purpose: Sendable, Hashable {
        /// The network's input pictures, read by a convolution with this padding.
        case input(padding: Int)
        /// What operators write, which sum its rows as well where it is `pooled`.
        case features(pooled: Bool)
    }

    public var shape: FeatureShape
    public var purpose: Purpose
    /// From the step that first writes it to the last that reads it. Outside, its memory may be others'.
    public var lifetime: ClosedRange<Int>

    public init(_ shape: FeatureShape, _ purpose: Purpose, lifetime: ClosedRange<Int>) {
        self.shape = shape
        self.purpose = purpose
        self.lifetime = lifetime
    }
}
