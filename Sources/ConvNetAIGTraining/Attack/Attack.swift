/// An attack within an L-infinity ball: which images look the same to people and not to the network.
///
/// Each step moves every value of an image by `stepSize` in the direction that raises the cross-entropy of the right class,
/// and back to where it is no further than `epsilon` from the image and neither below black nor above white. The image
/// stays in floating point.
public struct Attack: Sendable, Hashable, Codable {
    /// Whether the attack knows how gates decide.
    public enum GateGradient: String, Sendable, Hashable, Codable, CaseIterable {
        /// Decisions are constants: the gradient of the graph that the image runs.
        case none
        /// As in training, a decision's gradient is taken to be that of its softmax: the attack can move an image to
        /// another graph.
        case straightThrough
    }

    /// The largest change of a value, on the scale where white is 1.
    public var epsilon: Float
    public var steps: Int
    /// On the scale where white is 1.
    public var stepSize: Float
    /// The first step starts anywhere in the ball, drawn from this seed and the image's number; nil starts at the image.
    public var seed: UInt64?
    public var gateGradient: GateGradient

    public init(
        epsilon: Float, steps: Int, stepSize: Float, seed: UInt64? = nil, gateGradient: GateGradient = .none
    ) {
        self.epsilon = epsilon
        self.steps = steps
        self.stepSize = stepSize
        self.seed = seed
        self.gateGradient = gateGradient
    }

    /// The fast gradient sign method (Goodfellow, Shlens and Szegedy 2015): one step of the ball's size.
    public static func fgsm(epsilon: Float, gateGradient: GateGradient = .none) -> Attack {
        Attack(epsilon: epsilon, steps: 1, stepSize: epsilon, gateGradient: gateGradient)
    }

    /// Projected gradient descent (Madry et al. 2018), from a random start.
    /// - Parameter stepSize: nil for 2.5 epsilon / steps, which reaches any place of the ball from any other, as in that
    ///   paper.
    public static func pgd(
        epsilon: Float, steps: Int = 10, stepSize: Float? = nil, seed: UInt64? = 0, gateGradient: GateGradient = .none
    ) -> Attack {
        Attack(
            epsilon: epsilon, steps: steps, stepSize: stepSize ?? 2.5 * epsilon / Float(max(steps, 1)), seed: seed,
            gateGradient: gateGradient)
    }

    /// - Throws: ``AttackError`` if a number is out of range.
    public func validate() throws(AttackError) {
        guard (0...1).contains(epsilon) else { throw .epsilon(epsilon) }
        guard (0...1).contains(stepSize) else { throw .stepSize(stepSize) }
        guard steps >= 1 else { throw .steps(steps) }
    }
}
