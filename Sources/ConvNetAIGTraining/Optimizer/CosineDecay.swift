import Foundation

/// A learning rate that rises linearly and then falls along half a cosine (Loshchilov and Hutter, arXiv 1608.03983,
/// without restarts).
public struct CosineDecay: Sendable, Hashable, Codable {
    /// Epochs of the rise.
    public var warmup: Int
    /// Where the fall ends, as a share of the peak.
    public var finalFraction: Double

    public init(warmup: Int = 0, finalFraction: Double = 0) {
        self.warmup = warmup
        self.finalFraction = finalFraction
    }

    /// (step + 1) / w during the w steps of the rise, then f + (1 - f) (1 + cos(pi (step - w) / (steps - w))) / 2, which
    /// is torch.optim.lr_scheduler.CosineAnnealingLR with T_max = steps - w.
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

    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        self.init(
            warmup: try container.value(.warmup, or: 0), finalFraction: try container.value(.finalFraction, or: 0))
    }
}
