import ConvNetAIG

/// Pictures of a set as a network's input, with the network's classes.
package struct LabelledBatch: Sendable {
    /// The pictures of ``images``, by their indices in the set.
    package let indices: [Int]
    /// Those that could be read: images x channels x height x width, normalised.
    package let images: Tensor
    /// The class of each, in the network.
    package let labels: [Int]
    /// Pictures that could not be read, by their indices in the set, with the reason.
    package let failures: [(index: Int, reason: String)]
}
