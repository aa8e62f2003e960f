import Foundation

/// The classes that a network finds in one image, and the blocks that it ran to find them.
public struct Prediction: Sendable, Hashable {
    /// A class and its probability.
    public struct ClassScore: Sendable, Hashable, Codable {
        /// Index of the class.
        public var index: Int
        /// Name of the class; nil where the weights do not name their classes.
        public var name: String?
        /// Softmax of the logits.
        public var probability: Float
    }

    /// The likeliest classes, most likely first.
    public var topClasses: [ClassScore]
    /// The network's output, one value per class.
    public var logits: [Float]
    /// The blocks that ran, and their cost.
    public var graph: InferenceGraph
}

extension Prediction {
    init(logits: [Float], graph: InferenceGraph, classNames: [String]?, top count: Int) {
        self.logits = logits
        self.graph = graph
        let probabilities = softmax(logits)
        let order = probabilities.indices.sorted {
            (probabilities[$0], -$0) > (probabilities[$1], -$1)
        }
        topClasses = order.prefix(max(count, 0)).map {
            ClassScore(index: $0, name: classNames?[$0], probability: probabilities[$0])
        }
    }
}

/// The part of a network that ran for one image: which blocks, why, and at what cost.
public struct InferenceGraph: Sendable, Hashable, Codable {
    /// Whether each block ran, over all blocks of the network.
    public var executed: [Bool]
    /// Whether each gated block ran, in the order of the network.
    public var gates: [Bool]
    /// Probability of "execute" for each gated block: the softmax of its gate's two logits. Under a policy that asks no
    /// gate, 1 for a block that runs and 0 for one that is skipped.
    public var gateProbabilities: [Float]
    /// Multiply-accumulates spent on this image, gates included.
    public var macs: Int
    /// Multiply-accumulates of the dense network, gates included.
    public var denseMACs: Int

    /// Share of all blocks that ran.
    public var executedShare: Double {
        executed.isEmpty ? 1 : Double(executed.count(where: { $0 })) / Double(executed.count)
    }
}

// MARK: Bare output

extension Session {
    /// Logits and gates of all images of a run.
    public struct Output: Sendable, Hashable {
        /// Number of images.
        public let images: Int
        /// Number of classes.
        public let classes: Int
        /// Number of gated blocks.
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
            // A gate that was not asked has no probability of its own: the policy's decision stands in its place.
            logOddsValues += asksGates ? result.logOdds : result.decisions.map { $0 ? .infinity : -.infinity }
            probabilityValues += asksGates ? result.logOdds.map(sigmoid) : result.decisions.map { $0 ? 1 : 0 }
        }

        /// Logits: images x classes.
        public var logits: Tensor {
            get throws(TensorError) { try Tensor(shape: [images, classes], values: logitValues) }
        }

        /// Decisions: images x gated blocks, 1 where the block ran and 0 where it did not.
        public var gates: Tensor {
            get throws(TensorError) { try Tensor(shape: [images, gateCount], values: gateValues.map { $0 ? 1 : 0 }) }
        }

        /// Probabilities of "execute": images x gated blocks, see ``InferenceGraph/gateProbabilities``.
        public var gateProbabilities: Tensor {
            get throws(TensorError) { try Tensor(shape: [images, gateCount], values: probabilityValues) }
        }

        /// Logits of an image: one value per class.
        public func logits(of image: Int) -> [Float] {
            Array(logitValues[image * classes..<(image + 1) * classes])
        }

        /// Whether each gated block ran for an image.
        public func gates(of image: Int) -> [Bool] {
            Array(gateValues[image * gateCount..<(image + 1) * gateCount])
        }

        /// Probabilities of "execute" for an image: one value per gated block.
        public func gateProbabilities(of image: Int) -> [Float] {
            Array(probabilityValues[image * gateCount..<(image + 1) * gateCount])
        }

        /// Log-odds of an image's gates, the logit of "execute" minus that of "skip": one value per gated block, infinite
        /// where the policy asked no gate.
        public func gateLogOdds(of image: Int) -> [Float] {
            Array(logOddsValues[image * gateCount..<(image + 1) * gateCount])
        }
    }
}

// MARK: Scores

/// exp(x_i) / sum of exp(x_j), computed from the differences to the largest, so that nothing overflows.
func softmax(_ logits: [Float]) -> [Float] {
    guard let largest = logits.max() else { return [] }
    let powers = logits.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

/// 1 / (1 + exp(-x)): softmax over two logits, as a function of their difference.
func sigmoid(_ logOdds: Float) -> Float {
    1 / (1 + exp(-logOdds))
}

extension Collection<Float> {
    /// Index of the largest value, the first of several; nil for an empty collection.
    package var argmax: Index? {
        indices.max { self[$0] < self[$1] }
    }
}
