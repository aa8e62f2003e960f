import ConvNetAIG

/// Images of a set as a network's input, with the network's classes.
package struct LabelledBatch: Sendable {
    /// The images of ``images``, by their indices in the set.
    package let indices: [Int]
    /// Those that could be read: images x channels x height x width, normalised.
    package let images: Tensor
    /// The class of each, in the network.
    package let labels: [Int]
    /// Images that could not be read, by their indices in the set, with the reason.
    package let failures: [(index: Int, reason: String)]
}
