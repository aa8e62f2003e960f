/// An attack within an L-infinity ball: it looks for images that look the same to people but not to the network.
///
/// Each step moves every value of an image by `stepSize` in the direction that raises the cross-entropy of the right class,
/// then clips it to at most `epsilon` from the original value and to between black and white. Images stay in floating point.
public struct Attack: Sendable, Hashable, Codable {
    /// Whether the attack uses the gradient of the gates' decisions.
    public enum GateGradient: String, Sendable, Hashable, Codable, CaseIterable {
        /// Decisions count as constants: the gradient is that of the graph that the image runs.
        case none
        /// As in training, a decision's gradient is that of its softmax, so the attack can move an image to another graph.
        case straightThrough
    }

    /// The largest change of a value, on the scale where white is 1.
    public var epsilon: Float
    /// Number of steps, at least 1.
    public var steps: Int
    /// The change of a value in each step, on the scale where white is 1.
    public var stepSize: Float
    /// Seed of a random start within the ball, which also depends on the image's number; nil starts at the image.
    public var seed: UInt64?
    /// Whether the attack uses the gradient of the gates' decisions.
    public var gateGradient: GateGradient

    /// Makes an attack; see the properties.
    public init(
        epsilon: Float, steps: Int, stepSize: Float, seed: UInt64? = nil, gateGradient: GateGradient = .none
    ) {
        self.epsilon = epsilon
        self.steps = steps
        self.stepSize = stepSize
        self.seed = seed
        self.gateGradient = gateGradient
    }

    /// The fast gradient sign method (Goodfellow, Shlens and Szegedy 2015): one step of size epsilon from the image.
    public static func fgsm(epsilon: Float, gateGradient: GateGradient = .none) -> Attack {
        Attack(epsilon: epsilon, steps: 1, stepSize: epsilon, gateGradient: gateGradient)
    }

    /// Projected gradient descent (Madry et al. 2018), from a random start.
    ///
    /// - Parameter stepSize: nil means 2.5 epsilon / steps, as in that paper, which reaches any place of the ball from any
    ///   other.
    public static func pgd(
        epsilon: Float, steps: Int = 10, stepSize: Float? = nil, seed: UInt64? = 0, gateGradient: GateGradient = .none
    ) -> Attack {
        Attack(
            epsilon: epsilon, steps: steps, stepSize: stepSize ?? 2.5 * epsilon / Float(max(steps, 1)), seed: seed,
            gateGradient: gateGradient)
    }

    /// Checks the numbers.
    ///
    /// - Throws: ``AttackError`` if a number is out of range.
    public func validate() throws(AttackError) {
        guard (0...1).contains(epsilon) else { throw .epsilon(epsilon) }
        guard (0...1).contains(stepSize) else { throw .stepSize(stepSize) }
        guard steps >= 1 else { throw .steps(steps) }
    }
}

/// Why images cannot be attacked.
public enum AttackError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Epsilon is not within 0...1.
    case epsilon(Float)
    /// The step size is not within 0...1.
    case stepSize(Float)
    /// There are fewer steps than 1.
    case steps(Int)
    /// The images do not have the shape of the network's input.
    case inputShape(found: [Int], expected: [Int])
    /// There are not as many labels as images.
    case labels(found: Int, images: Int)
    /// A label is not one of the network's classes.
    case label(found: Int, classes: Int)
    /// An image has a value that is infinite or NaN. `image` is its number in the caller's counting.
    case imageNotFinite(image: Int)
    /// An image's gradient is infinite or NaN somewhere, so there is no direction to go in. `image` is its number in the
    /// caller's counting.
    case gradientNotFinite(image: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .epsilon(let value):
            "the attack's epsilon is \(value); give a value from 0 to 1, where white is 1"
        case .stepSize(let value):
            "the attack's step size is \(value); give a value from 0 to 1, where white is 1"
        case .steps(let count):
            "the attack has \(count) steps; give 1 or more"
        case .inputShape(let found, let expected):
            "the pictures have the shape \(found), but the network takes images x \(expected)"
        case .labels(let found, let images):
            "there are \(found) labels for \(images) pictures; give each its right class"
        case .label(let found, let classes):
            "a picture has label \(found), but the network's classes are 0 to \(classes - 1)"
        case .imageNotFinite(let image):
            "picture \(image) has values that are infinite or NaN; look at how it was read and normalised"
        case .gradientNotFinite(let image):
            "the gradient of picture \(image) is infinite or NaN, so there is no direction to change it in; look whether the "
                + "picture is normalised as the network's are, and whether the network gives finite logits for it"
        }
    }
}
