/// What a ``ConvolutionTuner`` tried for a convolution.
public struct ConvolutionTuningResult: Sendable, Hashable {
    /// An algorithm with its parameters.
    public struct Candidate: Sendable, Hashable {
        public let name: String
        /// Time of a launch: the lower quartile of several.
        public let seconds: Double
        /// Whether it is what a session takes without tuning.
        public let isStandard: Bool
    }

    public let problem: ConvolutionProblem
    /// How often the network has it.
    public let occurrences: Int
    public let images: Int
    /// Fastest first: this one is kept.
    public let candidates: [Candidate]

    /// Multiply-accumulates of a launch, by direct convolution.
    public var macs: Int {
        images * problem.output.count * problem.input.channels * problem.kernel * problem.kernel
    }

    /// Time of a launch with what a session takes without tuning; nil if that was no candidate.
    public var standardSeconds: Double? { candidates.first(where: \.isStandard)?.seconds }
    public var bestSeconds: Double? { candidates.first?.seconds }
}
