import ArgumentParser
import ConvNetAIGStudies
import ConvNetAIGTraining

/// How networks are attacked.
struct AttackOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Largest changes of a pixel's channel, in units of 1/255.", valueName: "list"),
        transform: Self.list)
    var epsilons: [Float] = RobustnessSettings().epsilons

    @Option(
        help: ArgumentHelp(
            "Steps of projected gradient descent; 1 is the fast gradient sign method.", valueName: "count"))
    var steps = 1

    @Option(
        help: ArgumentHelp(
            "Length of a step as a share of epsilon. (default: 1 for one step, or else 2.5 / steps)",
            valueName: "share"))
    var stepSize: Float?

    @Option(help: ArgumentHelp("What random starts of several steps are drawn from.", valueName: "number"))
    var seed: UInt64 = 0

    @Flag(help: "Differentiate the gates' decisions too, as training does: the attack can change a picture's graph.")
    var throughGates = false

    @Option(
        help: ArgumentHelp(
            "Quality at which attacked pictures are recompressed as a defence; 0 for no defence.",
            valueName: "1-100"))
    var jpegQuality = 75

    func validate() throws {
        if epsilons.isEmpty { throw ValidationError("--epsilons is empty; give at least one, such as 8.") }
        if let wrong = epsilons.first(where: { !($0 > 0 && $0 <= 255) }) {
            throw ValidationError("--epsilons has \(wrong); give values above 0 and up to 255.")
        }
        if steps < 1 { throw ValidationError("--steps is \(steps); give 1 or more.") }
        if let stepSize, !(stepSize > 0 && stepSize <= 1) {
            throw ValidationError("--step-size is \(stepSize); give a share of epsilon, above 0 and up to 1.")
        }
        if !(0...100).contains(jpegQuality) {
            throw ValidationError("--jpeg-quality is \(jpegQuality); give 1 to 100, or 0 for no defence.")
        }
    }

    var settings: RobustnessSettings {
        RobustnessSettings(
            epsilons: epsilons, steps: steps, stepShare: stepSize, seed: seed,
            gateGradient: throughGates ? .straightThrough : .none, jpegQuality: jpegQuality == 0 ? nil : jpegQuality)
    }

    private static func list(_ text: String) throws -> [Float] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let value = Float(part) else {
                throw ValidationError("'\(part)' is not a number; give a list such as 1,2,4,8.")
            }
            return value
        }
    }
}
