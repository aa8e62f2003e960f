extension Session {
    /// What a run came to, for all images of its input.
    public struct Output: Sendable, Hashable {
        public let images: Int
        public let classes: Int
        /// Gated blocks of the network.
        public let gateCount: Int
        private var logitValues: [Float] = []
        private var gateValues: [Bool] = []
        private var probabilityValues: [Float] = []
        private var logOddsValues: [Float] = []

        init(images: Int, classes: Int, gates: Int) {
            self.images = images
            self.classes = classes
            gateCount = gates
            logitValues.reserveCapacity(images * classes)
            gateValues.reserveCapacity(images * gates)
            probabilityValues.reserveCapacity(images * gates)
            logOddsValues.reserveCapacity(images * gates)
        }

        mutating func append(_ result: InferenceResult, asksGates: Bool) {
            logitValues += result.logits
            gateValues += result.decisions
            // A gate that was not asked has no probability of its own: what stands there is the policy's.
            logOddsValues += asksGates ? result.logOdds : result.decisions.map { $0 ? .infinity : -.infinity }
            probabilityValues += asksGates ? result.logOdds.map(sigmoid) : result.decisions.map { $0 ? 1 : 0 }
        }

        /// images x classes
        public var logits: Tensor { get throws { try Tensor(shape: [images, classes], values: logitValues) } }

        /// images x gated blocks: 1 where the block ran, 0 where it did not.
        public var gates: Tensor {
            get throws { try Tensor(shape: [images, gateCount], values: gateValues.map { $0 ? 1 : 0 }) }
        }

        /// images x gated blocks: see ``InferenceGraph/gateProbabilities``.
        public var gateProbabilities: Tensor {
            get throws { try Tensor(shape: [images, gateCount], values: probabilityValues) }
        }

        /// One value per class.
        public func logits(of image: Int) -> [Float] {
            Array(logitValues[image * classes..<(image + 1) * classes])
        }

        /// Whether each gated block ran.
        public func gates(of image: Int) -> [Bool] {
            Array(gateValues[image * gateCount..<(image + 1) * gateCount])
        }

        /// One value per gated block.
        public func gateProbabilities(of image: Int) -> [Float] {
            Array(probabilityValues[image * gateCount..<(image + 1) * gateCount])
        }

        /// What each gate's logit for "execute" was above that for "skip": one value per gated block. Infinite where the
        /// policy asked no gate.
        public func gateLogOdds(of image: Int) -> [Float] {
            Array(logOddsValues[image * gateCount..<(image + 1) * gateCount])
        }
    }
}
