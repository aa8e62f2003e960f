/// How far a run has come. With the seed, it is all the state that random numbers have: they are functions of the seed,
/// the epoch and the step.
public struct TrainingPosition: Sendable, Hashable, Codable {
    /// Epochs that are complete, which is the index of the one that is next or begun.
    public var epoch = 0
    /// Steps that are done of the epoch.
    public var stepInEpoch = 0
    /// Steps that are done of the run.
    public var step = 0

    public init() {}
}
