import ArgumentParser
import ConvNetAIG
import ConvNetAIGModels
import Terminal

/// `aig profile`
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Show where the time of a batch goes: kernels, launch gaps and waiting, block by block.",
        discussion: """
            Runs one batch several times on a device that keeps times, and shows the run of median time. \
            Weights are those of the model that comes with the program, if there is one of the architecture, or \
            else random, and the pictures are noise, unless some are given; what the gates of random weights say \
            means nothing, so choose a policy such as rate:0.6 or always.

            Kernels is the time that the device computed, the gates' share of it in a column of its own; gaps \
            is the time that it had nothing to do before a kernel or transfer; the shares of all parts and of \
            the time outside of the first and last command make up the wall time. Waits is the time that the \
            host waited, while the device may have worked for other parts. GFLOP/s counts 2 operations for \
            each multiply-accumulate (MAC), and kernel time only.

            The trace is in the trace event format of Chrome: open it with ui.perfetto.dev or \
            chrome://tracing.

            Examples:
              aig profile resnet-50
              aig profile convnet-aig-50 --policy rate:0.6 --schedule host --batch 8
              aig profile convnet-aig-cifar-110 --policy rate:0.6 --kernels --trace t.json
              aig profile convnet-aig-50 --weights w.safetensors cat.png dog.png --json
            """)

    @Argument(help: .architecture)
    var architecture: String

    @Argument(
        help: ArgumentHelp("Pictures that fill the batch, again and again if they are fewer.", valueName: "files"),
        completion: .file())
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "Weights: safetensors, or a checkpoint of PyTorch; random:SEED for untrained ones. "
                + "(default: the embedded model, or random:1)", valueName: "file"),
        completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @Option(help: .classes)
    var classes: Int?

    @Option(help: .key)
    var key: String?

    @OptionGroup var execution: ExecutionOptions

    @Option(help: ArgumentHelp("How often to run the batch.", valueName: "count"))
    var repeats = 9

    @Flag(help: "Also show every kernel and transfer.")
    var kernels = false

    @Flag(help: "Print an object.")
    var json = false

    @Option(
        help: ArgumentHelp("File to write a Chrome trace to.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var trace: String?

    /// The first runs touch memory for the first time, and let `automatic` see what the gates do.
    private static let warmUps = 3

    func validate() throws {
        if let classes, classes < 1 { throw ValidationError("--classes is \(classes); give 1 or more.") }
        if repeats < 1 { throw ValidationError("--repeats is \(repeats); give 1 or more.") }
        if execution.computing.backend == .reference {
            throw ValidationError("The reference backend keeps no times to profile; leave --backend out.")
        }
        if let batch = execution.batch, batch < files.count {
            throw ValidationError(
                "--batch is \(batch), but there are \(files.count.counted("picture")); give as many or more.")
        }
        if let embedded {
            try NetworkOptions.validate(execution.policy, gates: embedded.weights().architecture.gatedBlocks.count)
        } else {
            try NetworkOptions.validate(execution.policy, architectureName: architecture)
        }
        if let weights { try WeightsSource.validate(argument: weights, architecture: architecture) }
    }

    func run() throws {
        var sources = files.map { ("picture", $0) }
        sources.append(("architecture", architecture))
        if let weights { sources.append(("weights", weights)) }
        let destination = try trace.map { try OutputFile(path: $0, sources: sources, option: "--trace") }
        let loaded = try loadWeights()
        try execution.policy.validate(gates: loaded.architecture.gatedBlocks.count)
        let images = execution.batch ?? max(files.count, 1)
        let session = try execution.session(
            loaded, batch: images,
            goal: execution.goal ?? .speed,
            profiling: true)
        let input = try ProfileInput(files: files, session: session).tensor(images: images)

        for _ in 0..<Self.warmUps { _ = try session.run(input, policy: execution.policy) }
        let profiles = try (0..<repeats).map { _ in try session.profile(input, policy: execution.policy) }
        guard let profile = Profile.median(profiles) else { return }
        let report = ProfileReport(
            profile, session.architecture, policy: execution.policy, wallTimes: profiles.map(\.wallTime),
            kernels: kernels)
        if let destination { try destination.write(try profile.chromeTrace()) }
        try Console.write(
            json ? JSONText.pretty(report) : report.lines(session.architecture).joined(separator: "\n"))
    }

    /// The embedded model of the architecture, unless other weights are given.
    private var embedded: EmbeddedModel? {
        weights == nil && classes == nil ? EmbeddedModel(rawValue: architecture) : nil
    }

    private func loadWeights() throws -> Weights {
        if let embedded { return try embedded.weights() }
        let source = try WeightsSource(argument: weights ?? "random:1", key: key)
        return try source.load(for: Architecture.load(architecture, classes: classes), classes: nil)
    }
}

/// The input of `aig profile`: images, or noise if none are given.
struct ProfileInput {
    private let files: [String]
    private let session: Session

    /// Noise of unit variance, as normalised images have.
    private static let noise = Philox4x32(seed: 0x4149_4750)
    private static let amplitude = Float(3).squareRoot()

    init(files: [String], session: Session) {
        self.files = files
        self.session = session
    }

    /// A tensor of this number of images, which are repeated if fewer are given.
    ///
    /// - Throws: an error that names the image's file, if it cannot be read.
    func tensor(images: Int) throws -> Tensor {
        let input = session.architecture.input
        let shape = [images, input.channels, input.height, input.width]
        guard !files.isEmpty else {
            let count = images * input.count
            let values = (0..<(count + 3) / 4).flatMap { index in
                let index = UInt64(index)
                let words = Self.noise(
                    counter: (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, 0))
                return [words.0, words.1, words.2, words.3].map { Self.amplitude * (2 * Philox4x32.uniform($0) - 1) }
            }
            return try Tensor(shape: shape, values: Array(values.prefix(count)))
        }
        guard let preprocessing = session.preprocessing else {
            throw SessionError.notThreeChannels(input.channels)
        }
        let inputs = try files.map { try preprocessing(Image(contentsOf: $0)) }
        return try Tensor(shape: shape, values: (0..<images).flatMap { inputs[$0 % inputs.count] })
    }
}
