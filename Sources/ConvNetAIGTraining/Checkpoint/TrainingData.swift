import ConvNetAIG

/// What a run is trained with, as far as whoever uses or resumes it needs to know.
public struct TrainingData: Sendable, Hashable, Codable {
    /// Where the images are; nil if that cannot be told.
    public var path: String?
    /// Whatever else it takes to find the same images again, such as the names of the splits.
    public var options: [String: String]
    /// The classes' names in the order of the logits.
    public var classNames: [String]?
    /// What images are normalised with, per channel on the scale where white is 1; empty if they are not.
    public var mean: [Float]
    public var std: [Float]

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

    /// What a file of weights says of its images; see `Weights.classNames` and `Weights.normalization`.
    var metadata: [String: String] {
        var metadata: [String: String] = [:]
        metadata["classes"] = classNames.map(Weights.metadataText(classNames:))
        if !mean.isEmpty || !std.isEmpty {
            metadata["mean"] = mean.map { "\($0)" }.joined(separator: ",")
            metadata["std"] = std.map { "\($0)" }.joined(separator: ",")
        }
        return metadata
    }
}
