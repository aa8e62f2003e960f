/// Pictures and their labels, ready for a training step.
public struct TrainingBatch: Sendable, Hashable {
    /// Normalised pictures, one after the other: count x channels x height x width.
    public var images: [Float]
    /// The right class of each picture: an index into the logits.
    public var labels: [Int32]
    /// Logits of the network that distillation learns from, count x classes; nil without distillation.
    public var teacherLogits: [Float]?

    public init(images: [Float], labels: [Int32], teacherLogits: [Float]? = nil) {
        self.images = images
        self.labels = labels
        self.teacherLogits = teacherLogits
    }

    /// Number of pictures.
    public var count: Int { labels.count }
}
