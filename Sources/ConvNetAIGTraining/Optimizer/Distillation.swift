/// Learning from another network's probabilities beside the labels (Hinton et al., arXiv 1503.02531): a ConvNet-AIG from the
/// ResNet that it comes from, say, which tells it more about an image than its class. See ``LossTargets`` for the loss.
///
/// The teacher sees the very images that the network is trained with, varied and erased as they are, and of their size. It decides about its own
/// gates, if it has any, by `argmax`.
public struct Distillation: Sendable, Hashable, Codable {
    /// A file of weights that says which network it is of, for the same classes and the same input.
    public var teacher: String
    /// Of the distance from the teacher's probabilities, in 0...1; the rest is left to the labels.
    public var weight: Float
    /// What logits of both networks are divided by before they are compared: the higher, the more the unlikely classes count.
    public var temperature: Float

    public init(teacher: String, weight: Float = 0.5, temperature: Float = 2) {
        self.teacher = teacher
        self.weight = weight
        self.temperature = temperature
    }

    func validate() throws(TrainingConfigurationError) {
        guard !teacher.isEmpty else {
            throw .invalidValue(key: "distillation.teacher", problem: "is missing, and must be a file of weights")
        }
        guard weight > 0, weight <= 1 else {
            throw .invalidValue(
                key: "distillation.weight", problem: "is \(weight), and must be above 0 and at most 1")
        }
        guard temperature > 0, temperature.isFinite else {
            throw .invalidValue(
                key: "distillation.temperature", problem: "is \(temperature), and must be a positive number")
        }
    }
}

extension Distillation {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case teacher, weight, temperature
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        let usual = Distillation(teacher: "")
        self.init(
            teacher: try container.value(.teacher, or: usual.teacher),
            weight: try container.value(.weight, or: usual.weight),
            temperature: try container.value(.temperature, or: usual.temperature))
    }
}
