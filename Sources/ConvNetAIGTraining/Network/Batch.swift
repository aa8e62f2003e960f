/// Images and their labels, ready for a training step.
public struct Batch: Sendable, Hashable {
    /// Normalised images, one after the other: count x channels x height x width.
    public var images: [Float]
    /// The right class of each image: an index into the logits.
    public var labels: [Int32]
    /// Logits of the network that distillation learns from, count x classes; nil without distillation.
    public var teacherLogits: [Float]?

    public init(images: [Float], labels: [Int32], teacherLogits: [Float]? = nil) {
        self.images = images
        self.labels = labels
        self.teacherLogits = teacherLogits
    }

    /// Number of images.
    public var count: Int { labels.count }
}
