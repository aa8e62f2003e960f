import ArgumentParser
import ConvNetAIG
import ConvNetAIGTraining
import Foundation

/// `aig evaluate`
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure a network on labelled pictures: accuracy, and what it spent.",
        discussion: """
            The pictures are as for 'aig train'; those of the test folder (or val) are used, or else all. A class \
            folder is the network's class of the same name; folders called by numbers are its classes by index. What is \
            left out is said on standard error. Without --weights, the model that comes with the program is measured. Unless --batch says \
            otherwise, 100 pictures run together.

            Shown are the share of pictures whose class was right (top 1) or among the five likeliest (top 5), the \
            multiply-accumulates spent on a picture, and how often each block ran, also by class. Accuracies have \
            their 95 % interval (Wilson's). --json adds which classes were taken for which.

            --predictions writes a CSV file (RFC 4180) with a row for each picture that could be read, in the order of \
            the set: its path in the set, its class, the five likeliest classes with their probabilities (cells of \
            classes that there are not stay empty), whether the first is right (1 or 0), the route (a digit for each \
            block, 1 where it ran) and the multiply-accumulates. Names are written as they are: spreadsheets may take \
            those that begin with = + - or @ for formulas, and routes for numbers; import the columns as text. The \
            file appears complete or not at all.

            Examples:
              aig evaluate --weights run/best.safetensors --data cifar-10-batches-bin
              aig evaluate --data cifar10.tar --policy threshold:0.7 --json
              aig evaluate --data cifar10.tar --predictions predictions.csv
            """)

    @Option(
        help: ArgumentHelp(
            "Weights: safetensors, or a checkpoint of PyTorch. (default: the embedded model)", valueName: "file"),
        completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @OptionGroup var dataset: DatasetOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var execution: ExecutionOptions

    @Option(help: ArgumentHelp("Only so many pictures, evenly from all classes.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("Threads that decode pictures. They change no result.", valueName: "count"))
    var threads = DataLoader.defaultThreads

    @Option(
        help: ArgumentHelp("File to write each picture's prediction to, as CSV.", valueName: "file"),
        completion: .file(extensions: ["csv"]))
    var predictions: String?

    @Flag(help: "Print an object.")
    var json = false

    func validate() throws {
        try WeightsSource.validate(optional: weights, for: network, execution.policy)
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit); give 1 or more.") }
        if threads < 1 { throw ValidationError("--threads is \(threads); give 1 or more.") }
    }

    func run() throws {
        let table = try predictions.map { try PredictionTable(path: $0, sources: sources) }
        let loaded = try dataset.preprocessing.applied(to: WeightsSource.load(optional: weights, for: network))
        try execution.policy.validate(gates: loaded.architecture.gatedBlocks.count)
        let images = try dataset.measured(for: loaded, limit: limit)
        let set = images.set
        let count = set.count
        let session = try execution.session(loaded, images: count, usualBatch: Self.usualBatch)
        let line = ProgressLine()
        let evaluation = try Evaluation(
            of: session, on: set, policy: execution.policy, threads: threads
        ) { done in
            line.show("\(done) of \(count) pictures")
        } visit: { image in
            table?.add(image, name: set.name(image.index))
        }
        line.clear()
        images.tellWarnings()
        for failure in evaluation.failures { Console.complain("Left out: \(failure)") }
        let report = EvaluationReport(evaluation, of: session, policy: execution.policy)
        // A full disk does not cost what was found.
        let written = Result { try table?.write() }
        try Console.write(json ? JSONText.pretty(report) : report.lines.joined(separator: "\n"))
        try written.get()
        if evaluation.count == 0 { throw ExitCode.failure }
    }

    /// What is read, and must not be written over.
    private var sources: [(role: String, path: String)] {
        var sources = [(role: "pictures", path: dataset.data)]
        if let weights { sources.append(("weights", weights)) }
        if let architecture = network.architecture { sources.append(("architecture", architecture)) }
        return sources
    }

    private static let usualBatch = 100
}
