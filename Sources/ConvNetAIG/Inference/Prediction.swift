/// What the network says of one image, and what it ran to say so.
public struct Prediction: Sendable, Hashable {
    /// A class and how likely it is.
    public struct Candidate: Sendable, Hashable, Codable {
        /// Index of the class.
        public var index: Int
        /// The class's name, where the weights name their classes.
        public var name: String?
        /// Softmax of the logits.
        public var probability: Float
    }

    /// The likeliest classes, most likely first.
    public var candidates: [Candidate]
    /// The network's output, one per class.
    public var logits: [Float]
    /// The executed graph.
    public var graph: InferenceGraph
}

extension Prediction {
    init(logits: [Float], graph: InferenceGraph, classNames: [String]?, candidates count: Int) {
        self.logits = logits
        self.graph = graph
        let probabilities = softmax(logits)
        let order = probabilities.indices.sorted {
            (probabilities[$0], -$0) > (probabilities[$1], -$1)
        }
        candidates = order.prefix(max(count, 0)).map {
            Candidate(index: $0, name: classNames?[$0], probability: probabilities[$0])
        }
    }
}
