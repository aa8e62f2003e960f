import ArgumentParser
import ConvNetAIG
import ConvNetAIGStudies
import Datasets
import FileSystem
import Foundation
import Terminal

/// `aig explain`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show a picture's route through the network, and which blocks mattered for it.",
        discussion: """
            A line for each block: whether it ran (■) or was skipped (□), what it puts out, how likely its gate was \
            to open, and the multiply-accumulates (MACs) of its branch, in millions. Then what would have been, had \
            that one gate decided otherwise: how many points the probability of the likeliest class gains, the \
            Kullback-Leibler divergence (KL) of the class distribution in nats, and the likeliest class if it is \
            another.

            One gate is flipped at a time. The others decide as they did, which shows the block by itself; with \
            --later-gates adaptive those behind it decide again on the features that the flip has left, which shows \
            the decision with its consequences. Two blocks that stand in for each other may both seem not to matter.

            Without --weights, the model that comes with the program is used.

            Examples:
              aig explain cat.png
              aig explain cat.png --svg route.svg
              aig explain cat.png --policy threshold:0.7 --later-gates adaptive
              aig explain --weights imagenet.safetensors cat.png --top 3
              aig explain --json cat.png | jq '.flips[] | select(.changes_prediction)'
            """)

    @Argument(help: ArgumentHelp("The picture, a JPEG, PNG or WebP file.", valueName: "file"), completion: .file())
    var file: String

    @Option(help: .weightsOrRandom, completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @OptionGroup var network: NetworkOptions

    @Option(
        help: ArgumentHelp(
            "How gates decide: argmax, threshold:P, sample:SEED, always, mask:0110…, rate:P[,P…][:SEED]. "
                + "(default: argmax)",
            discussion: "See 'aig help classify'.", valueName: "policy"),
        transform: GatePolicy.parse(argument:))
    var policy: GatePolicy = .argmax

    @Option(help: "What the gates behind a flipped one do.")
    var laterGates: Explanation.LaterGates = .held

    @OptionGroup var computing: DeviceOptions
    @OptionGroup var readingOptions: ReadingOptions
    @OptionGroup var preprocessing: PreprocessingOptions

    @Option(help: .top)
    var top = 5

    @Option(
        help: ArgumentHelp("File to draw the route into, as an SVG picture.", valueName: "file"),
        completion: .file(extensions: ["svg"]))
    var svg: String?

    @Flag(help: "Print an object.")
    var json = false

    func validate() throws {
        if top < 1 { throw ValidationError("--top is \(top); give 1 or more.") }
        try WeightsSource.validate(optional: weights, for: network, policy)
    }

    func run() throws {
        let sources = [("picture", file)] + (weights.map { [("weights", $0)] } ?? [])
        let destination = try svg.map { try OutputFile(path: $0, sources: sources, option: "--svg") }
        let reading = ImageReader(readingOptions.reading)
        let image = try reading.image(contentsOf: file)
        ReadingOptions.tell(reading.warnings)
        let session = try makeSession()
        let explanation = try explain(image, by: session)
        // The image before the text: once there is text, all is well.
        if let destination {
            let plot = ExplanationPlot(
                explanation, of: session.architecture, policy: policy,
                title: (file.split(separator: "/").last.map(String.init) ?? file).withEscapedBytes, image: contents())
            try destination.write(Array(plot.svg().utf8))
        }
        let report = ExplanationReport(file: file, explanation, session: session, policy: policy)
        try Console.write(
            json ? JSONText.pretty(report) : report.lines(session.architecture).joined(separator: "\n"))
    }

    private func makeSession() throws -> Session {
        let loaded = try preprocessing.applied(to: WeightsSource.load(optional: weights, for: network))
        try policy.validate(gates: loaded.architecture.gatedBlocks.count)
        guard loaded.architecture.input.channels == 3 else {
            throw SessionError.notThreeChannels(loaded.architecture.input.channels)
        }
        // As 'aig classify' runs one image, and so with the same result to the last bit.
        return try Session(weights: loaded, backend: try computing.choice(), goal: .memory)
    }

    private func explain(_ image: Image, by session: Session) throws -> Explanation {
        let gates = session.architecture.gatedBlocks.count
        let line = ProgressLine(isDelayed: true)
        defer { line.clear() }
        do {
            return try Explanation(
                of: image, by: session, policy: policy, top: top, laterGates: laterGates
            ) { done in
                line.show("\(done) of \(gates) gates")
            }
        } catch let error as ExplanationError {
            throw CommandFailure("\(file): \(error)")
        }
    }

    /// The file's bytes, to be shown in the drawing; nil if the file cannot be read twice, like a pipe.
    private func contents() -> [UInt8]? {
        guard FileStatus(file)?.isFile == true else { return nil }
        return try? readBytes(file)
    }
}
