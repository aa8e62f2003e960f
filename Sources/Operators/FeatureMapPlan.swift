/// Feature maps that a network needs for each image, and while which of its steps: what a backend plans memory by.
package struct FeatureMapPlan: Sendable, Hashable {
    package enum Purpose: Sendable, Hashable {
        /// The network's input pictures, read by a convolution with this padding.
        case input(padding: Int)
        /// What operators write, which sum its rows as well where it is `pooled`.
        case features(pooled: Bool)
    }

    package var shape: FeatureShape
    package var purpose: Purpose
    /// From the step that first writes it to the last that reads it. Outside, its memory may be others'.
    package var lifetime: ClosedRange<Int>

    package init(_ shape: FeatureShape, _ purpose: Purpose, lifetime: ClosedRange<Int>) {
        self.shape = shape
        self.purpose = purpose
        self.lifetime = lifetime
    }
}
