import Foundation

/// The learning rate in the course of a training run, as a share of its peak.
public enum LearningRateSchedule: Sendable, Hashable {
    /// The peak throughout.
    case constant
    /// Drops at given epochs, as torch.optim.lr_scheduler.MultiStepLR, stepped once per epoch.
    case step(StepDecay)
    /// Rises linearly, then falls along half a cosine.
    case cosine(CosineDecay)
    /// One rise and one fall, as torch.optim.lr_scheduler.OneCycleLR, stepped after every batch.
    case oneCycle(OneCycle)

    /// The learning rate of a step as a share of the peak.
    ///
    /// - Parameters:
    ///   - step: the step's index in the run, from 0.
    ///   - stepsPerEpoch: steps of an epoch, at least 1.
    ///   - epochs: epochs of the whole run.
    public func factor(step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
        switch self {
        case .constant: 1
        case .step(let decay): decay.factor(epoch: step / max(stepsPerEpoch, 1))
        case .cosine(let decay): decay.factor(step: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
        case .oneCycle(let cycle): cycle.factor(step: step, steps: stepsPerEpoch * epochs)
        }
    }

    /// The momentum of a step if the schedule changes it; nil leaves it as configured. Parameters as for
    /// ``factor(step:stepsPerEpoch:epochs:)``.
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

    /// Decodes a name, such as `"oneCycle"`, or an object with a name and the values that differ from the defaults, such
    /// as `{"step": {"milestones": [150, 250]}}`.
    ///
    /// - Throws: ``TrainingConfigurationError`` naming the key.
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

    /// Encodes a name for ``constant``, and an object of one key for the others.
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

// MARK: - Step decay

/// A learning rate that drops at given epochs, as torch.optim.lr_scheduler.MultiStepLR computes it.
public struct StepDecay: Sendable, Hashable, Codable {
    /// Epochs, counted from 0, at which the learning rate is multiplied by ``factor``, in ascending order.
    public var milestones: [Int]
    /// What the learning rate is multiplied by at each milestone.
    public var factor: Double

    /// Makes a schedule; see the properties.
    public init(milestones: [Int], factor: Double = 0.1) {
        self.milestones = milestones
        self.factor = factor
    }

    /// factor^(number of milestones reached).
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

    /// Decodes an object of the properties; a missing `factor` is 0.1.
    ///
    /// - Throws: ``TrainingConfigurationError`` naming the key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        self.init(milestones: try container.value(.milestones, or: []), factor: try container.value(.factor, or: 0.1))
    }
}

// MARK: - Cosine decay

/// A learning rate that rises linearly and then falls along half a cosine (Loshchilov and Hutter, arXiv 1608.03983,
/// without restarts).
public struct CosineDecay: Sendable, Hashable, Codable {
    /// Epochs during which the learning rate rises.
    public var warmup: Int
    /// Learning rate at the end of the run, as a share of the peak.
    public var finalFraction: Double

    /// Makes a schedule; see the properties.
    public init(warmup: Int = 0, finalFraction: Double = 0) {
        self.warmup = warmup
        self.finalFraction = finalFraction
    }

    /// (step + 1) / w during the w steps of the rise, then f + (1 - f) (1 + cos(pi (step - w) / (steps - w))) / 2, as
    /// torch.optim.lr_scheduler.CosineAnnealingLR with T_max = steps - w.
    func factor(step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
        let rise = warmup * stepsPerEpoch
        if step < rise { return Double(step + 1) / Double(rise) }
        let fall = max(stepsPerEpoch * epochs - rise, 1)
        let progress = min(Double(step - rise) / Double(fall), 1)
        return finalFraction + (1 - finalFraction) * (1 + cos(Double.pi * progress)) / 2
    }

    func validate() throws(TrainingConfigurationError) {
        guard (0...1_000_000).contains(warmup) else {
            throw .invalidValue(key: "schedule.cosine.warmup", problem: "is \(warmup), and must be a number of epochs")
        }
        guard (0...1).contains(finalFraction) else {
            throw .invalidValue(
                key: "schedule.cosine.finalFraction", problem: "is \(finalFraction), and must be in 0...1")
        }
    }
}

extension CosineDecay {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case warmup, finalFraction
    }

    /// Decodes an object of the properties; missing ones are 0.
    ///
    /// - Throws: ``TrainingConfigurationError`` naming the key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        self.init(
            warmup: try container.value(.warmup, or: 0), finalFraction: try container.value(.finalFraction, or: 0))
    }
}

// MARK: - One cycle

/// A learning rate that rises once and falls once over the whole run (Smith and Topin, arXiv 1708.07120), as
/// torch.optim.lr_scheduler.OneCycleLR with anneal_strategy "cos" computes it.
public struct OneCycle: Sendable, Hashable, Codable {
    /// Share of the steps in which the learning rate rises (PyTorch's pct_start).
    public var warmupFraction: Double
    /// The run starts at peak / initialDivisor (PyTorch's div_factor).
    public var initialDivisor: Double
    /// The run ends at peak / initialDivisor / finalDivisor (PyTorch's final_div_factor).
    public var finalDivisor: Double
    /// Whether momentum falls from ``maxMomentum`` to ``minMomentum`` while the learning rate rises, and then rises again.
    public var cyclesMomentum: Bool
    /// Momentum at the peak of the learning rate (PyTorch's base_momentum).
    public var minMomentum: Double
    /// Momentum at the start and the end (PyTorch's max_momentum).
    public var maxMomentum: Double

    /// Makes a schedule with PyTorch's defaults, except that momentum stays as configured.
    public init(
        warmupFraction: Double = 0.3, initialDivisor: Double = 25, finalDivisor: Double = 10_000,
        cyclesMomentum: Bool = false, minMomentum: Double = 0.85, maxMomentum: Double = 0.95
    ) {
        self.warmupFraction = warmupFraction
        self.initialDivisor = initialDivisor
        self.finalDivisor = finalDivisor
        self.cyclesMomentum = cyclesMomentum
        self.minMomentum = minMomentum
        self.maxMomentum = maxMomentum
    }

    func factor(step: Int, steps: Int) -> Double {
        let initial = 1 / initialDivisor
        return value(step: step, steps: steps, start: initial, peak: 1, end: initial / finalDivisor)
    }

    func momentum(step: Int, steps: Int) -> Double? {
        guard cyclesMomentum else { return nil }
        return value(step: step, steps: steps, start: maxMomentum, peak: minMomentum, end: maxMomentum)
    }

    /// Goes from `start` to `peak` at step warmupFraction * steps - 1, which need not be a whole number, and from there to
    /// `end` at the last step.
    private func value(step: Int, steps: Int, start: Double, peak: Double, end: Double) -> Double {
        let turn = warmupFraction * Double(steps) - 1
        let position = Double(step)
        if position <= turn { return Self.annealed(from: start, to: peak, turn > 0 ? position / turn : 1) }
        let rest = Double(steps - 1) - turn
        return Self.annealed(from: peak, to: end, rest > 0 ? min((position - turn) / rest, 1) : 1)
    }

    /// to + (from - to) (1 + cos(pi * progress)) / 2.
    private static func annealed(from: Double, to: Double, _ progress: Double) -> Double {
        to + (from - to) / 2 * (cos(Double.pi * progress) + 1)
    }

    func validate() throws(TrainingConfigurationError) {
        guard (0...1).contains(warmupFraction) else {
            throw .invalidValue(
                key: "schedule.oneCycle.warmupFraction", problem: "is \(warmupFraction), and must be in 0...1")
        }
        for (key, divisor) in [("initialDivisor", initialDivisor), ("finalDivisor", finalDivisor)] {
            guard divisor >= 1, divisor.isFinite else {
                throw .invalidValue(key: "schedule.oneCycle.\(key)", problem: "is \(divisor), and must be 1 or more")
            }
        }
        guard 0 <= minMomentum, minMomentum <= maxMomentum, maxMomentum < 1 else {
            throw .invalidValue(
                key: "schedule.oneCycle.lowestMomentum",
                problem: "and highestMomentum are \(minMomentum) and \(maxMomentum), and must be in 0..<1, the "
                    + "lower one first")
        }
    }
}

extension OneCycle {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case warmupFraction, initialDivisor, finalDivisor, cyclesMomentum
        case minMomentum = "lowestMomentum"
        case maxMomentum = "highestMomentum"
    }

    /// Decodes an object of the properties; missing ones get the defaults. The momenta's keys are `lowestMomentum` and
    /// `highestMomentum`.
    ///
    /// - Throws: ``TrainingConfigurationError`` naming the key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        let defaults = OneCycle()
        self.init(
            warmupFraction: try container.value(.warmupFraction, or: defaults.warmupFraction),
            initialDivisor: try container.value(.initialDivisor, or: defaults.initialDivisor),
            finalDivisor: try container.value(.finalDivisor, or: defaults.finalDivisor),
            cyclesMomentum: try container.value(.cyclesMomentum, or: defaults.cyclesMomentum),
            minMomentum: try container.value(.minMomentum, or: defaults.minMomentum),
            maxMomentum: try container.value(.maxMomentum, or: defaults.maxMomentum))
    }
}
