import ArgumentParser
import ConvNetAIG

/// How a network is run.
struct ExecutionOptions: ParsableArguments {
    @Option(
        name: .customLong("policy"),
        help: ArgumentHelp(
            "How gates decide: argmax, threshold:P, budget:SHARE[:image], log-odds:X,…, sample:SEED, always, "
                + "mask:0110…, rate:P[,P…][:SEED]. (default: argmax)",
            discussion: """
                argmax opens the gates that are likelier open than closed, threshold those whose probability \
                exceeds P, log-odds those whose log-odds exceed X (a number per gated block), sample draws by \
                their probability. budget: see --budget. always runs every block and mask those with a 1 (a \
                digit per gated block), both without asking the gates. rate asks the gates, but opens them \
                with probability P.
                """, valueName: "policy"),
        transform: GatePolicy.parse(argument:))
    var givenPolicy: GatePolicy?

    @Option(
        help: ArgumentHelp(
            "What a picture may cost on average, as a share of the dense network's MACs.",
            discussion: """
                For weights with a calibration (see 'aig calibrate'), as the embedded ones are. 0.6:image holds \
                every picture to the budget, not the mean.
                """, valueName: "share[:image]"),
        transform: GatePolicy.parse(budget:))
    var budget: GatePolicy?

    /// How gates decide.
    var policy: GatePolicy { budget ?? givenPolicy ?? .argmax }

    @OptionGroup var computing: DeviceOptions

    @Option(help: "Who looks at the gates' decisions. It changes times, never results.")
    var schedule: Scheduling = .automatic

    @Option(
        help: ArgumentHelp(
            "Images that run together; memory is planned for as many. (default: 8, or all if there are "
                + "fewer)",
            valueName: "count"))
    var batch: Int?

    @Option(
        help: ArgumentHelp(
            "What feature maps and convolution weights are kept as.",
            discussion: """
                half takes half the memory, and changes logits by about 1 in 100; for OpenCL devices.
                """))
    var precision: Precision = .float

    @Option(
        name: .customLong("optimize"),
        help: ArgumentHelp(
            "Whether to prefer speed or memory. (default: memory for fewer than 16 images, which starts "
                + "sooner)", valueName: "goal"))
    var goal: OptimizationGoal?

    func validate() throws {
        if budget != nil, givenPolicy != nil {
            throw ValidationError("--budget is a policy itself; leave --policy out.")
        }
        if let batch, batch < 1 { throw ValidationError("--batch is \(batch); give 1 or more.") }
    }

    /// The network ready to run.
    ///
    /// - Parameters:
    ///   - images: the number of images.
    ///   - usualBatch: how many of them run together without `--batch`.
    func session(_ weights: Weights, images: Int, usualBatch: Int = 8) throws -> Session {
        try session(
            weights, batch: batch ?? min(max(images, 1), usualBatch),
            goal: goal ?? (images < Self.fewImages ? .memory : .speed))
    }

    /// The network ready to run.
    ///
    /// - Parameters:
    ///   - batch: images that run together.
    ///   - goal: whether to prefer speed or memory.
    ///   - profiling: whether it can be profiled.
    func session(
        _ weights: Weights, batch: Int, goal: OptimizationGoal = .speed, profiling: Bool = false
    ) throws -> Session {
        try Session(
            weights: weights, backend: try computing.choice(), batch: batch, scheduling: schedule,
            precision: precision, goal: goal, profiling: profiling)
    }

    /// For fewer images, transforming the weights takes longer than the faster algorithms save.
    private static let fewImages = 16
}
