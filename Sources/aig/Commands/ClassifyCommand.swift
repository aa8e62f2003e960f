import ArgumentParser
import ConvNetAIG
import Datasets
import Terminal

/// `aig classify`
struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Classify pictures, and show which blocks of the network ran for each.",
        discussion: """
            Without --weights, the model that comes with the program is used: ConvNet-AIG of depth 20, which \
            tells the ten classes of CIFAR-10 apart (airplane, automobile, bird, cat, deer, dog, frog, \
            horse, ship, truck). Pictures are JPEG, PNG or WebP files of any size; of a folder or an archive, all that \
            are in it.

            The route shows a square per block, filled where the block ran, the network's stages set apart. \
            A file that cannot be read is reported on standard error, the others are classified all the \
            same, and the exit status is 1.

            Examples:
              aig classify cat.png
              aig classify --policy threshold:0.7 --top 1 photos/*.jpg
              aig classify --json holiday/ albums.zip
              aig classify --weights resnet50.pth cat.png
              aig classify --json cat.png | jq '.[0].graph.executed'
              aig classify --architecture resnet-cifar-20 cat.png    embedded too, no gates
            """)

    @Argument(
        help: ArgumentHelp("Pictures to classify, or folders or archives of pictures.", valueName: "files"),
        completion: .file())
    var files: [String]

    @Option(help: .weights, completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @OptionGroup var network: NetworkOptions
    @OptionGroup var execution: ExecutionOptions
    @OptionGroup var readingOptions: ReadingOptions
    @OptionGroup var preprocessing: PreprocessingOptions

    @Option(help: .top)
    var top = 5

    @Flag(help: "Print an array of objects.")
    var json = false

    func validate() throws {
        if top < 1 { throw ValidationError("--top is \(top); give 1 or more.") }
        try WeightsSource.validate(optional: weights, for: network, execution.policy)
    }

    func run() throws {
        let session = try makeSession()
        var printer = ImagePrinter(session: session, policy: execution.policy, isJSON: json)
        var classifier = ImageClassifier(session: session, policy: execution.policy, top: top)
        let reading = ImageReader(readingOptions.reading)
        for file in files {
            let found = Result { try ImageArgument.images(in: file) }
            if case .failure(let error) = found {
                // As of an image that cannot be read: the others are classified all the same.
                try printer.print(classifier.add(file) { throw error })
                continue
            }
            guard let images = try found.get() else {
                try printer.print(classifier.add(file) { try reading.image(contentsOf: file) })
                continue
            }
            for image in images.files {
                try printer.print(
                    classifier.add(images.tree.name(of: image)) {
                        try images.tree.image(of: image, reading: reading)
                    })
            }
        }
        try printer.print(classifier.finish())
        try printer.finish()
        ReadingOptions.tell(reading.warnings)
        if printer.hasFailures { throw ExitCode.failure }
    }

    private func makeSession() throws -> Session {
        let loaded = try preprocessing.applied(to: WeightsSource.load(optional: weights, for: network))
        try execution.policy.validate(gates: loaded.architecture.gatedBlocks.count)
        guard loaded.architecture.input.channels == 3 else {
            throw SessionError.notThreeChannels(loaded.architecture.input.channels)
        }
        // How many a folder holds is not known before it is walked.
        let isMany = files.contains { ImageArgument.isContainer($0) }
        return try execution.session(loaded, images: isMany ? .max : files.count)
    }
}

/// Classifies images as they come, a batch at a time. An image is kept as the network's input only, so
/// that memory depends neither on the number of images nor on their size.
struct ImageClassifier {
    /// A file with its prediction, or the error.
    typealias Outcome = (file: String, result: Result<Prediction, any Error>)

    private let session: Session
    private let policy: GatePolicy
    private let top: Int
    /// Files without an outcome yet, with the errors of the unreadable ones.
    private var waiting: [(file: String, problem: (any Error)?)] = []
    /// The network's inputs for the readable ones.
    private var inputs: [Float] = []
    private var inputCount = 0
    /// The number of images classified so far: random draws depend on it.
    private var classified = 0

    /// - Parameter top: the number of classes to give for each image.
    init(session: Session, policy: GatePolicy, top: Int) {
        self.session = session
        self.policy = policy
        self.top = top
    }

    /// Adds an image, and returns the outcomes of a batch if it is the batch's last.
    /// - Parameter read: reads the image; what it throws is the image's outcome.
    mutating func add(_ file: String, read: () throws -> Image) throws -> [Outcome] {
        do {
            guard let preprocessing = session.preprocessing else {
                throw SessionError.notThreeChannels(session.architecture.input.channels)
            }
            inputs += try preprocessing(read())
            inputCount += 1
            waiting.append((file, nil))
        } catch {
            waiting.append((file, error))
        }
        // Failures wait as well, for their place in the order, but not for ever.
        return inputCount == session.batch || waiting.count >= max(session.batch, 64) ? try finish() : []
    }

    /// Returns the outcomes of all remaining files, in their order.
    mutating func finish() throws -> [Outcome] {
        var predictions: ArraySlice<Prediction> = []
        if inputCount > 0 {
            let shape = session.architecture.input
            let tensor = try Tensor(
                shape: [inputCount, shape.channels, shape.height, shape.width], values: inputs)
            predictions = try session.predict(
                tensor, policy: policy, top: top, firstImage: classified)[...]
        }
        let outcomes = waiting.map { file, problem -> Outcome in
            if let problem { return (file, .failure(problem)) }
            guard let prediction = predictions.popFirst(), prediction.logits.allSatisfy(\.isFinite) else {
                return (
                    file,
                    .failure(
                        CommandFailure(
                            "\(file): the network's output is not a finite number; the weights have too "
                                + "large values."
                        )
                    )
                )
            }
            return (file, .success(prediction))
        }
        classified += inputCount
        inputCount = 0
        inputs.removeAll(keepingCapacity: true)
        waiting.removeAll(keepingCapacity: true)
        return outcomes
    }
}

/// Prints the outcomes: text as they come, or JSON at the end.
struct ImagePrinter {
    private let session: Session
    private let policy: GatePolicy
    private let isJSON: Bool
    private var reports: [ImageReport] = []
    private var hasTitle = false
    /// Whether any file could not be classified.
    private(set) var hasFailures = false

    init(session: Session, policy: GatePolicy, isJSON: Bool) {
        self.session = session
        self.policy = policy
        self.isJSON = isJSON
    }

    mutating func print(_ outcomes: [ImageClassifier.Outcome]) throws {
        for (file, result) in outcomes {
            switch result {
            case .success(let prediction):
                if isJSON {
                    reports.append(ImageReport(file: file, prediction, session: session, policy: policy))
                } else {
                    try Console.write((title() + [""] + lines(file, prediction)).joined(separator: "\n"))
                }
            case .failure(let error):
                hasFailures = true
                Console.complain(error)
                if isJSON { reports.append(.failure(file: file, error: String(describing: error))) }
            }
        }
    }

    /// Prints the JSON.
    func finish() throws {
        guard isJSON else { return }
        // An object per line is easy on both people and line-by-line tools.
        let objects = try reports.map { try JSONText.line($0) }
        try Console.write(objects.isEmpty ? "[]" : "[\n" + objects.joined(separator: ",\n") + "\n]")
    }

    private mutating func title() -> [String] {
        guard !hasTitle else { return [] }
        hasTitle = true
        return [
            "\(session.architecture.name.printable()) on \(session.deviceName.printable()), policy \(policy)"
        ]
    }

    private func lines(_ file: String, _ prediction: Prediction) -> [String] {
        let graph = prediction.graph
        return [Console.bold(file.printable())]
            + ImageLines.classes(prediction.topClasses.map(ImageReport.ClassResult.init)) + [
                "  \(session.architecture.route(graph.executed))",
                ImageLines.cost(executed: graph.executed, macs: graph.macs, macsDense: graph.denseMACs),
            ]
    }
}
