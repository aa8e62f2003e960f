/// What a network's logits are compared with: for each picture
/// (1 - w) cross-entropy + w T^2 KL(softmax(teacher / T) || softmax(logits / T)).
///
/// Cross-entropy has targets (1 - e) [k = label] + e / classes, where e is the label smoothing (Szegedy et al. 2016); the
/// second part is distillation (Hinton et al., arXiv 1503.02531), of weight w and temperature T.
public struct LossTargets: Sendable, Hashable {
    /// The right class of each picture.
    public var labels: [Int32]
    public var labelSmoothing: Float
    /// Logits of the network to learn from, [image][class]; not looked at if ``teacherWeight`` is 0.
    public var teacherLogits: [Float]
    /// w, in 0...1.
    public var teacherWeight: Float
    /// T
    public var teacherTemperature: Float

    public init(
        labels: [Int32], labelSmoothing: Float = 0, teacherLogits: [Float] = [], teacherWeight: Float = 0,
        teacherTemperature: Float = 1
    ) {
        self.labels = labels
        self.labelSmoothing = labelSmoothing
        self.teacherLogits = teacherLogits
        self.teacherWeight = teacherWeight
        self.teacherTemperature = teacherTemperature
    }
}
