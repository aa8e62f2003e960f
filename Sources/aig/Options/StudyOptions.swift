import ArgumentParser
import ConvNetAIG
import ConvNetAIGModels
import ConvNetAIGStudies
import ConvNetAIGTraining
import Terminal

/// Which network is studied, on which images.
struct StudyOptions: ParsableArguments {
    @Option(help: .weights, completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @OptionGroup var dataset: DatasetOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var computing: DeviceOptions

    @Option(help: .limit)
    var limit: Int?

    @Option(help: .batch)
    var batch = 100

    @Option(help: .threads)
    var threads = DataLoader.defaultThreads

    func validate() throws {
        try WeightsSource.validate(optional: weights, for: network, .argmax)
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit); give 1 or more.") }
        if batch < 1 { throw ValidationError("--batch is \(batch); give 1 or more.") }
        if threads < 1 { throw ValidationError("--threads is \(threads); give 1 or more.") }
    }

    func loadWeights() throws -> Weights {
        try dataset.preprocessing.applied(to: WeightsSource.load(optional: weights, for: network))
    }

    /// The images that a network is measured on.
    func testImages(for weights: Weights) throws -> DatasetOptions.LoadedDataset {
        try dataset.measured(for: weights, limit: limit)
    }
}

/// Which network to compare with.
struct AgainstOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Weights of the network to compare with, usually the ResNet that was trained by the same recipe. "
                + "(default: the embedded ResNet of the same depth, for an embedded model)", valueName: "file"),
        completion: .file(extensions: WeightsSource.fileExtensions))
    var against: String?

    /// - Parameters:
    ///   - weights: the adaptive network's.
    ///   - isEmbedded: whether they are those of an embedded model.
    ///   - preprocessing: the options for images, which hold for both networks.
    func load(for weights: Weights, isEmbedded: Bool, _ preprocessing: PreprocessingOptions) throws -> ReportStudy
        .Model?
    {
        if let against {
            let other = try Weights(path: against)
            for note in other.notes { Console.warn("\(against): \(note)") }
            guard other.architecture.input == weights.architecture.input else {
                throw CommandFailure(
                    "\(against) takes pictures of \(other.architecture.input.width) x \(other.architecture.input.height), "
                        + "the network \(weights.architecture.input.width) x \(weights.architecture.input.height); "
                        + "compare it with one for the same pictures.")
            }
            return ReportStudy.Model(try preprocessing.applied(to: other))
        }
        guard isEmbedded else { return nil }
        let name = weights.architecture.name.replacing("convnet-aig-", with: "resnet-")
        guard name != weights.architecture.name, let model = EmbeddedModel(rawValue: name) else { return nil }
        return ReportStudy.Model(try preprocessing.applied(to: model.weights()))
    }
}

/// How networks are attacked.
struct AttackOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Largest changes of a pixel's channel, in units of 1/255.", valueName: "list"),
        transform: { try NumberList.parse($0, example: "1,2,4,8") })
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
}
