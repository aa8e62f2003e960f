import ConvNetAIG
import Foundation

/// What became of a labelled image.
public struct ImageOutcome: Sendable, Hashable, Codable {
    /// The image's index in its set.
    public var index: Int
    /// Its class, in the network.
    public var label: Int
    /// The likeliest class.
    public var prediction: Int
    /// Whether its class is among the five likeliest.
    public var isInFive: Bool
    /// What the network gives its class.
    public var probability: Float
    /// Cross-entropy of its class, in nats.
    public var loss: Float
    /// Whether each block ran.
    public var route: [Bool]
    /// Multiply-accumulates spent on it.
    public var macs: Int

    public var isRight: Bool { prediction == label }

    init(index: Int, label: Int, _ prediction: Prediction) {
        self.index = index
        self.label = label
        let logits = prediction.logits
        self.prediction = logits.argmax ?? 0
        let own = logits[label]
        isInFive = logits.count { $0 > own } < 5
        let (probability, loss) = Self.crossEntropy(logits, label)
        self.probability = probability
        self.loss = loss
        route = prediction.graph.executed
        macs = prediction.graph.macs
    }

    private static func crossEntropy(_ logits: [Float], _ label: Int) -> (probability: Float, loss: Float) {
        let largest = Double(logits.max() ?? 0)
        let sum = logits.reduce(0) { $0 + exp(Double($1) - largest) }
        let loss = log(sum) + largest - Double(logits[label])
        return (Float(exp(-loss)), Float(loss))
    }
}
