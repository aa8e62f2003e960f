import Foundation

/// One rise and one fall of the learning rate over a whole run (Smith and Topin, arXiv 1708.07120), as
/// torch.optim.lr_scheduler.OneCycleLR with anneal_strategy "cos" computes it.
public struct OneCycle: Sendable, Hashable, Codable {
    /// Share of the steps in which the learning rate rises (PyTorch's pct_start).
    public var warmupFraction: Double
    /// The run starts at peak / initialDivisor (div_factor).
    public var initialDivisor: Double
    /// The run ends at peak / initialDivisor / finalDivisor (final_div_factor).
    public var finalDivisor: Double
    /// Whether momentum falls from ``highestMomentum`` while the learning rate rises, and rises again.
    public var cyclesMomentum: Bool
    /// PyTorch's base_momentum.
    public var lowestMomentum: Double
    /// PyTorch's max_momentum.
    public var highestMomentum: Double

    public init(
        warmupFraction: Double = 0.3, initialDivisor: Double = 25, finalDivisor: Double = 10_000,
        cyclesMomentum: Bool = false, lowestMomentum: Double = 0.85, highestMomentum: Double = 0.95
    ) {
        self.warmupFraction = warmupFraction
        self.initialDivisor = initialDivisor
        self.finalDivisor = finalDivisor
        self.cyclesMomentum = cyclesMomentum
        self.lowestMomentum = lowestMomentum
        self.highestMomentum = highestMomentum
    }

    func factor(step: Int, steps: Int) -> Double {
        let initial = 1 / initialDivisor
        return value(step: step, steps: steps, start: initial, peak: 1, end: initial / finalDivisor)
    }

    func momentum(step: Int, steps: Int) -> Double? {
        guard cyclesMomentum else { return nil }
        return value(step: step, steps: steps, start: highestMomentum, peak: lowestMomentum, end: highestMomentum)
    }

    /// From `start` to `peak` until step warmupFraction steps - 1, a number that need not be whole, and from there to
    /// `end` at the last step.
    private func value(step: Int, steps: Int, start: Double, peak: Double, end: Double) -> Double {
        let turn = warmupFraction * Double(steps) - 1
        let position = Double(step)
        if position <= turn { return Self.annealed(from: start, to: peak, turn > 0 ? position / turn : 1) }
        let rest = Double(steps - 1) - turn
        return Self.annealed(from: peak, to: end, rest > 0 ? min((position - turn) / rest, 1) : 1)
    }

    /// to + (from - to) (1 + cos(pi progress)) / 2.
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
        guard 0 <= lowestMomentum, lowestMomentum <= highestMomentum, highestMomentum < 1 else {
            throw .invalidValue(
                key: "schedule.oneCycle.lowestMomentum",
                problem: "and highestMomentum are \(lowestMomentum) and \(highestMomentum), and must be in 0..<1, the "
                    + "lower one first")
        }
    }
}

extension OneCycle {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case warmupFraction, initialDivisor, finalDivisor, cyclesMomentum, lowestMomentum, highestMomentum
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        let usual = OneCycle()
        self.init(
            warmupFraction: try container.value(.warmupFraction, or: usual.warmupFraction),
            initialDivisor: try container.value(.initialDivisor, or: usual.initialDivisor),
            finalDivisor: try container.value(.finalDivisor, or: usual.finalDivisor),
            cyclesMomentum: try container.value(.cyclesMomentum, or: usual.cyclesMomentum),
            lowestMomentum: try container.value(.lowestMomentum, or: usual.lowestMomentum),
            highestMomentum: try container.value(.highestMomentum, or: usual.highestMomentum))
    }
}
