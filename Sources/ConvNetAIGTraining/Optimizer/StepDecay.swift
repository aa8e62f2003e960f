import Foundation

/// A learning rate that drops at given epochs.
public struct StepDecay: Sendable, Hashable, Codable {
    /// Epochs, counted from 0, from which on the learning rate is multiplied by ``factor`` once more.
    public var milestones: [Int]
    public var factor: Double

    public init(milestones: [Int], factor: Double = 0.1) {
        self.milestones = milestones
        self.factor = factor
    }

    /// factor^(milestones reached).
    func factor(epoch: Int) -> Double {
        pow(factor, Double(milestones.count { epoch >= $0 }))
    }

    func validate() throws(TrainingConfigurationError) {
        guard !milestones.isEmpty, milestones.allSatisfy({ $0 > 0 }),
            zip(milestones, milestones.dropFirst()).allSatisfy(<)
        else {
            throw .invalidValue(
                key: "schedule.step.milestones",
                problem: "are \(milestones), and must be epochs from 1 on in ascending order")
        }
        guard factor > 0, factor <= 1 else {
            throw .invalidValue(key: "schedule.step.factor", problem: "is \(factor), and must be in 0...1 and not 0")
        }
    }
}

extension StepDecay {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case milestones, factor
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        self.init(milestones: try container.value(.milestones, or: []), factor: try container.value(.factor, or: 0.1))
    }
}
