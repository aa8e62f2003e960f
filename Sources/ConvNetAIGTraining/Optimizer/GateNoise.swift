/// How much of the Gumbel noise the gates get in the course of a training run.
///
/// The authors sample with all of it to the end, and decide without any at test (`argmax`), so a network is measured on
/// graphs that it was not trained on, of another execution rate. Noise that ends before the run does leaves the remaining
/// steps to the very decisions of `argmax`; their gradient is still that of the softmax (straight-through, Bengio et al.,
/// arXiv 1308.3432).
///
/// What is left at the end should be some noise rather than none, unless the gates' learning rate is low by then: without any,
/// a threshold that the target-rate loss moves past many images at once opens a gate for a whole batch and closes it for the
/// next (seen at depth 20 with ``TrainingConfiguration/gateLearningRateFactor`` 6 and a weight of 10).
public struct GateNoise: Sendable, Hashable, Codable {
    /// Factor of the noise at the first step; 1 is the authors'.
    public var start: Float
    /// Factor from ``until`` on; 0 decides as `argmax` does.
    public var end: Float
    /// Share of the run in which the factor goes from ``start`` to ``end``, in a straight line.
    public var until: Double

    public init(start: Float = 1, end: Float = 1, until: Double = 1) {
        self.start = start
        self.end = end
        self.until = until
    }

    /// The factor of a step that counts from 0.
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

    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        let usual = GateNoise()
        self.init(
            start: try container.value(.start, or: usual.start), end: try container.value(.end, or: usual.end),
            until: try container.value(.until, or: usual.until))
    }
}
