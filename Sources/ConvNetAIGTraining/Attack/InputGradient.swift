import ConvNetAIG

/// What a network says of images, and in which direction it could be made to say something else.
public struct InputGradient: Sendable, Hashable {
    /// images x classes
    public var logits: Tensor
    /// Cross-entropy of each image's right class, in nats.
    public var losses: [Float]
    /// The gradient of each image's loss over the number of images, with respect to its normalised values: images x
    /// channels x height x width.
    public var gradient: Tensor
    /// Of each image, whether each gated block ran.
    public var gates: [[Bool]]
}
