import ConvNetAIG

/// A training run at a step boundary: everything it takes to continue as if it had never stopped.
///
/// A checkpoint is one safetensors file. Its tensors are called `weights.`, `momentum.` or `average.` and then as in
/// `Weights.layout(of:)`, so that `Weights(file:prefix: "weights.")` reads the network out of it; all else is JSON in the
/// metadata.
public struct Checkpoint: Sendable {
    public var configuration: TrainingConfiguration
    public var architecture: Architecture
    public var data: TrainingData
    public var state: TrainingState
    public var position: TrainingPosition
    /// Steps of an epoch; another number when the run is resumed tells of other images.
    public var stepsPerEpoch: Int
    /// Of the complete epochs.
    public var history: [EpochMetrics]
    /// nil before the first validation.
    public var best: BestEpoch?
    /// Of the epoch that is begun.
    var totals: EpochTotals

    /// The configuration for another number of epochs; nil leaves it.
    /// - Throws: ``TrainingError/epochsDone(asked:done:)`` if there would be nothing left to do;
    ///   ``TrainingConfigurationError`` for a number out of bounds.
    func configuration(epochs: Int?) throws -> TrainingConfiguration {
        guard let epochs else { return configuration }
        guard epochs > position.epoch else { throw TrainingError.epochsDone(asked: epochs, done: position.epoch) }
        var changed = configuration
        changed.epochs = epochs
        try changed.validate()
        return changed
    }

    /// The network as it is to be used: with the average of each parameter, where one is kept.
    ///
    /// - Parameter metadata: more to be said of it.
    /// - Throws: `WeightsError` if the state is not the architecture's.
    public func weights(metadata: [String: String] = [:]) throws -> Weights {
        try Weights(
            architecture: architecture, tensors: state.weights.merging(state.average) { _, average in average },
            metadata: data.metadata.merging(metadata) { _, new in new })
    }
}
