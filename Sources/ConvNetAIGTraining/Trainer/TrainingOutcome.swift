/// How a run ended.
public struct TrainingOutcome: Sendable, Hashable {
    /// Whether all epochs are done; otherwise a stop was requested, and the run can be resumed.
    public var isComplete: Bool
    public var position: TrainingPosition
    public var history: [EpochMetrics]
    /// nil if there was no validation.
    public var best: BestEpoch?
}
