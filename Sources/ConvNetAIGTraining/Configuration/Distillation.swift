/// Learning from another network's probabilities besides the labels (Hinton et al., arXiv 1503.02531): for example a
/// ConvNet-AIG from the ResNet it was made from, which tells it more about an image than its class. See `LossTargets` for
/// the loss.
///
/// The teacher sees the very images that the network is trained with, augmented, erased and resized. Its gates, if it has
/// any, decide by `argmax`.
public struct Distillation: Sendable, Hashable, Codable {
    /// Path of the teacher's weights. The file names its architecture, which has the same classes and the same input.
    public var teacher: String
    /// Weight of the distance from the teacher's probabilities, above 0 and up to 1; the labels get the rest.
    public var weight: Float
    /// Divisor of both networks' logits before they are compared: the higher it is, the more the unlikely classes count.
    public var temperature: Float

    /// Makes the settings; see the properties.
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

    /// Decodes an object of the properties, of which only the teacher has no default.
    ///
    /// - Throws: ``TrainingConfigurationError`` naming the key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        let defaults = Distillation(teacher: "")
        self.init(
            teacher: try container.value(.teacher, or: defaults.teacher),
            weight: try container.value(.weight, or: defaults.weight),
            temperature: try container.value(.temperature, or: defaults.temperature))
    }
}
