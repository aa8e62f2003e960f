/// What a network's logits are compared with: for each picture
/// (1 - w) cross-entropy + w T^2 KL(softmax(teacher / T) || softmax(logits / T)).
///
/// Cross-entropy has targets (1 - e) [k = label] + e / classes, where e is the label smoothing (Szegedy et al. 2016); the
/// second part is distillation (Hinton et al., arXiv 1503.02531), of weight w and temperature T.
package struct LossTargets: Sendable, Hashable {
    /// The right class of each picture.
    package var labels: [Int32]
    package var labelSmoothing: Float
    /// Logits of the network to learn from, [image][class]; not looked at if ``teacherWeight`` is 0.
    package var teacherLogits: [Float]
    /// w, in 0...1.
    package var teacherWeight: Float
    /// T
    package var teacherTemperature: Float

    package init(
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
