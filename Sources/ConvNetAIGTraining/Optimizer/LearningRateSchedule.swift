import Foundation

/// How the learning rate follows the progress of a training run, as a share of its peak.
public enum LearningRateSchedule: Sendable, Hashable {
    case constant
    /// As torch.optim.lr_scheduler.MultiStepLR, stepped once per epoch.
    case step(StepDecay)
    /// A linear rise, then half a cosine.
    case cosine(CosineDecay)
    /// As torch.optim.lr_scheduler.OneCycleLR, stepped after every batch.
    case oneCycle(OneCycle)

    /// The learning rate of a step as a share of the peak.
    ///
    /// - Parameters:
    ///   - step: counts all steps of the run, from 0.
    ///   - stepsPerEpoch: steps of an epoch, 1 at least.
    ///   - epochs: epochs of the whole run.
    public func factor(step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
        switch self {
        case .constant: 1
        case .step(let decay): decay.factor(epoch: step / max(stepsPerEpoch, 1))
        case .cosine(let decay): decay.factor(step: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
        case .oneCycle(let cycle): cycle.factor(step: step, steps: stepsPerEpoch * epochs)
        }
    }

    /// The momentum of a step, where the schedule changes it; nil leaves it as configured.
    public func momentum(step: Int, stepsPerEpoch: Int, epochs: Int) -> Double? {
        guard case .oneCycle(let cycle) = self else { return nil }
        return cycle.momentum(step: step, steps: stepsPerEpoch * epochs)
    }

    func validate() throws(TrainingConfigurationError) {
        switch self {
        case .constant: break
        case .step(let decay): try decay.validate()
        case .cosine(let decay): try decay.validate()
        case .oneCycle(let cycle): try cycle.validate()
        }
    }
}

extension LearningRateSchedule: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case constant, step, cosine, oneCycle
    }

    /// Decodes a name alone, such as `"oneCycle"`, or an object of a name and what differs from the defaults, such as
    /// `{"step": {"milestones": [150, 250]}}`.
    public init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            switch CodingKeys(stringValue: name) {
            case .constant: self = .constant
            case .cosine: self = .cosine(CosineDecay())
            case .oneCycle: self = .oneCycle(OneCycle())
            case .step:
                throw Self.unusable(decoder, "needs milestones: {\"step\": {\"milestones\": [150, 250]}}")
            case nil:
                throw Self.unusable(decoder, "has no kind \"\(name.prefix(100))\"; \(Self.kinds)")
            }
            return
        }
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        guard container.allKeys.count == 1, let kind = container.allKeys.first else {
            throw Self.unusable(decoder, "must be of one kind; \(Self.kinds)")
        }
        switch kind {
        case .constant:
            _ = try container.superDecoder(forKey: .constant).configuration(keyedBy: NoKeys.self)
            self = .constant
        case .step: self = .step(try container.value(.step, or: StepDecay(milestones: [])))
        case .cosine: self = .cosine(try container.value(.cosine, or: CosineDecay()))
        case .oneCycle: self = .oneCycle(try container.value(.oneCycle, or: OneCycle()))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        if case .constant = self {
            var container = encoder.singleValueContainer()
            return try container.encode(CodingKeys.constant.stringValue)
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .constant: break
        case .step(let decay): try container.encode(decay, forKey: .step)
        case .cosine(let decay): try container.encode(decay, forKey: .cosine)
        case .oneCycle(let cycle): try container.encode(cycle, forKey: .oneCycle)
        }
    }

    private enum NoKeys: CodingKey, CaseIterable {}

    private static var kinds: String {
        "known are \(CodingKeys.allCases.map(\.stringValue).joined(separator: ", "))"
    }

    private static func unusable(_ decoder: any Decoder, _ problem: String) -> TrainingConfigurationError {
        .invalidValue(key: decoder.codingPath.isEmpty ? "schedule" : decoder.codingPath.dotted, problem: problem)
    }
}
