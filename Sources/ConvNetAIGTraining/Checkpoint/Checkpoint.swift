import ConvNetAIG

/// A training run between two steps: everything it takes to continue as if it had never stopped.
///
/// A checkpoint is one safetensors file. Its tensors are named `weights.`, `momentum.` or `average.` followed by the name of
/// `Weights.layout(of:)`, so that `Weights(file:prefix: "weights.")` reads the network from it. Everything else is JSON in the
/// metadata.
public struct Checkpoint: Sendable {
    /// The run's settings.
    public var configuration: TrainingConfiguration
    /// The network that is trained.
    public var architecture: Architecture
    /// The images that it is trained with.
    public var data: TrainingData
    /// Parameters, momentum and averages.
    public var state: TrainingState
    /// How far the run has come.
    public var position: TrainingPosition
    /// Steps of an epoch. A different number on resuming means different images.
    public var stepsPerEpoch: Int
    /// Metrics of the complete epochs.
    public var history: [EpochMetrics]
    /// The epoch with the best validation; nil before the first validation.
    public var best: BestEpoch?
    /// Sums over the steps of the current epoch.
    var totals: EpochTotals

    /// The network as it is to be used: with the average of each parameter where one is kept.
    ///
    /// - Parameter metadata: added to the file's metadata.
    /// - Throws: `WeightsError` if the state does not fit the architecture.
    public func weights(metadata: [String: String] = [:]) throws -> Weights {
        try Weights(
            architecture: architecture, tensors: state.weights.merging(state.average) { _, average in average },
            metadata: data.metadata.merging(metadata) { _, new in new })
    }
}

/// How far a run has come. Random numbers have no other state: they are functions of the seed, the epoch and the step.
public struct TrainingPosition: Sendable, Hashable, Codable {
    /// Number of complete epochs, which is the index of the current one.
    public var epoch = 0
    /// Steps done in the current epoch.
    public var stepInEpoch = 0
    /// Steps done in the run.
    public var step = 0

    /// The beginning of a run.
    public init() {}
}

/// The epoch whose network did best in validation.
public struct BestEpoch: Sendable, Hashable, Codable {
    /// Number of the epoch, from 1.
    public var epoch: Int
    /// Share of the validation images whose likeliest class was the right one.
    public var top1: Double

    /// Makes a record of an epoch, counted from 1.
    public init(epoch: Int, top1: Double) {
        self.epoch = epoch
        self.top1 = top1
    }
}

/// What the users of a network and those who resume its run need to know about the training images.
public struct TrainingData: Sendable, Hashable, Codable {
    /// Path of the images; nil if they have none.
    public var path: String?
    /// Anything else needed to find the same images again, such as the names of the splits.
    public var options: [String: String]
    /// The classes' names in the order of the logits.
    public var classNames: [String]?
    /// Mean that images are normalised with, per channel on the scale where white is 1; empty if they are not.
    public var mean: [Float]
    /// Standard deviation that images are normalised with, in the units of ``mean``.
    public var std: [Float]

    /// Makes a description; see the properties.
    public init(
        path: String? = nil, options: [String: String] = [:], classNames: [String]? = nil, mean: [Float] = [],
        std: [Float] = []
    ) {
        self.path = path
        self.options = options
        self.classNames = classNames
        self.mean = mean
        self.std = std
    }

    /// The metadata of a file of weights, see `Weights.classNames` and `Weights.normalization`.
    var metadata: [String: String] {
        var metadata: [String: String] = [:]
        metadata["classes"] = classNames.map(Weights.metadataText(classNames:))
        if !mean.isEmpty || !std.isEmpty {
            metadata["mean"] = mean.commaSeparated
            metadata["std"] = std.commaSeparated
        }
        return metadata
    }
}
