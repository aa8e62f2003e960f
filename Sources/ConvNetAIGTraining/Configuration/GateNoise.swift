/// The amount of Gumbel noise that the gates get in the course of a training run.
///
/// The authors sample with all of the noise to the end and decide without any in tests (`argmax`), so a network is measured
/// on graphs it was not trained on, with another execution rate. If the noise ends before the run does, the remaining steps
/// train the very decisions of `argmax`; their gradient is still that of the softmax (straight-through, Bengio et al.,
/// arXiv 1308.3432).
///
/// Keep some noise at the end unless the gates' learning rate is low by then. Without any, a threshold that the target-rate
/// loss moves past many images at once opens a gate for a whole batch and closes it for the next (seen at depth 20 with
/// ``TrainingConfiguration/gateLearningRateFactor`` 6 and a weight of 10).
public struct GateNoise: Sendable, Hashable, Codable {
    /// Factor of the noise at the first step; 1 is the authors' value.
    public var start: Float
    /// Factor of the noise from ``until`` on; with 0, gates decide as `argmax` does.
    public var end: Float
    /// Share of the run, within 0...1, in which the factor goes linearly from ``start`` to ``end``.
    public var until: Double

    /// Makes a noise schedule; the defaults keep all of the noise.
    public init(start: Float = 1, end: Float = 1, until: Double = 1) {
        self.start = start
        self.end = end
        self.until = until
    }

    /// The factor of a step of the run, counted from 0.
    func factor(step: Int, steps: Int) -> Float {
        let fall = until * Double(steps)
        guard Double(step) < fall else { return end }
        return start + (end - start) * Float(Double(step) / fall)
    }

    func validate() throws(TrainingConfigurationError) {
        for (key, factor) in [("start", start), ("end", end)] {
            guard factor >= 0, factor.isFinite else {
                throw .invalidValue(
                    key: "gateNoise.\(key)", problem: "is \(factor), and must be 0 or a positive number")
            }
        }
        guard (0...1).contains(until) else {
            throw .invalidValue(key: "gateNoise.until", problem: "is \(until), and must be in 0...1")
        }
    }
}

extension GateNoise {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case start, end, until
    }

    /// Decodes an object of the properties; missing ones get the defaults.
    ///
    /// - Throws: ``TrainingConfigurationError`` naming the key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        let defaults = GateNoise()
        self.init(
            start: try container.value(.start, or: defaults.start), end: try container.value(.end, or: defaults.end),
            until: try container.value(.until, or: defaults.until))
    }
}
