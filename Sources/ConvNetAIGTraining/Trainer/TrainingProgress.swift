/// How far a run has come, after each step and each epoch.
public struct TrainingProgress: Sendable, Hashable {
    /// Counts from 1.
    public var epoch: Int
    public var epochs: Int
    /// Steps that are done of the epoch.
    public var step: Int
    /// Steps of the epoch.
    public var steps: Int
    /// Mean over the epoch so far.
    public var loss: Double
    /// Share of the epoch's images so far whose likeliest class was the right one.
    public var accuracy: Double
    /// Share of the gated blocks that ran in the epoch so far; nil if there are none.
    public var executionRate: Double?
    public var learningRate: Double
    public var imagesPerSecond: Double
    /// Of the whole run, judging by what this process has done of it; nil before it has done anything.
    public var secondsLeft: Double?
    /// Of the epoch, if this is its end.
    public var finished: EpochMetrics?
}
