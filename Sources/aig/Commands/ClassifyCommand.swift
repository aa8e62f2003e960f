import ArgumentParser
import ConvNetAIG
import Datasets

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

    @Option(
        help: ArgumentHelp(
            "Weights: safetensors, or a checkpoint of PyTorch. (default: the embedded model)", valueName: "file"),
        completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @OptionGroup var network: NetworkOptions
    @OptionGroup var execution: ExecutionOptions
    @OptionGroup var readingOptions: ReadingOptions
    @OptionGroup var preprocessing: PreprocessingOptions

    @Option(help: ArgumentHelp("How many of the likeliest classes to show.", valueName: "count"))
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
        var classifier = ImageClassifier(session: session, policy: execution.policy, candidates: top)
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
