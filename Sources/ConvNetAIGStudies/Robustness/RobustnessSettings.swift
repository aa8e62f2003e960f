import ConvNetAIGTraining

/// How networks are attacked, and how images are defended.
public struct RobustnessSettings: Sendable, Hashable, Codable {
    /// Sizes of the attack's ball, in units of 1/255.
    public var epsilons: [Float]
    /// Steps of projected gradient descent; 1 is the fast gradient sign method.
    public var steps: Int
    /// Of each step, as a share of epsilon; nil for all of it with one step, and 2.5 / steps with more.
    public var stepShare: Float?
    /// What random starts are drawn from; nil starts at the image. One step starts there in any case.
    public var seed: UInt64?
    public var gateGradient: Attack.GateGradient
    /// Quality at which attacked images are recompressed as a defence; nil for none.
    public var jpegQuality: Int?

    public init(
        epsilons: [Float] = [1, 2, 4, 8, 16], steps: Int = 1, stepShare: Float? = nil, seed: UInt64? = 0,
        gateGradient: Attack.GateGradient = .none, jpegQuality: Int? = 75
    ) {
        self.epsilons = epsilons
        self.steps = steps
        self.stepShare = stepShare
        self.seed = seed
        self.gateGradient = gateGradient
        self.jpegQuality = jpegQuality
    }

    /// The attack in words.
    public var name: String {
        let gates = gateGradient == .straightThrough ? ", through the gates" : ""
        return (steps == 1 ? "FGSM" : "PGD, \(steps) steps") + gates
    }

    /// An attack for each epsilon.
    var attacks: [Attack] {
        epsilons.map { epsilon in
            let epsilon = epsilon / 255
            guard steps > 1 else { return .fgsm(epsilon: epsilon, gateGradient: gateGradient) }
            return .pgd(
                epsilon: epsilon, steps: steps, stepSize: stepShare.map { $0 * epsilon }, seed: seed,
                gateGradient: gateGradient)
        }
    }
}
