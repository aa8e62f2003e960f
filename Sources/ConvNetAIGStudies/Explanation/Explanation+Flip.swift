import ConvNetAIG

extension Explanation {
    /// What happens when one gate decides otherwise.
    public struct Flip: Sendable, Hashable, Codable {
        /// Index of the gate's block in `Architecture.blocks`.
        public let block: Int
        /// The block's name, `layer1.0`.
        public let name: String
        /// Index of the gate among all gates.
        public let gate: Int
        /// Whether the block ran for the image, and so is skipped here; else it runs here.
        public let wasOpen: Bool
        /// As in `InferenceGraph.gateProbabilities`: how likely the gate said "execute", before it was flipped.
        public let gateProbability: Float
        /// What all gates decide here, this one included, in the order of the network.
        public let gates: [Bool]
        /// The likeliest classes, most likely first.
        public let candidates: [Prediction.Candidate]
        /// Multiply-accumulates, counted as those of the image's own graph: with the gates if its policy asks them.
        public let macs: Int
        /// Whether another class is the likeliest.
        public let changesPrediction: Bool
        /// What the probability of the class that was the likeliest gains: -0.25 if it falls from 0.75 to 0.5.
        public let probabilityChange: Double
        /// Kullback-Leibler divergence of the class distribution here from the image's own, in nats: the sum over classes
        /// of p (ln p - ln q), p being the image's own. 0 if nothing changes.
        public let klDivergence: Double
    }
}
