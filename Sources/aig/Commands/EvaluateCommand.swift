import ArgumentParser
import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import FileSystem
import Foundation
import Terminal

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

    @Option(help: .weights, completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @OptionGroup var dataset: DatasetOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var execution: ExecutionOptions

    @Option(help: .limit)
    var limit: Int?

    @Option(help: .threads)
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

    /// The files that are read, and must not be overwritten.
    private var sources: [(role: String, path: String)] {
        var sources = [(role: "pictures", path: dataset.data)]
        if let weights { sources.append(("weights", weights)) }
        if let architecture = network.architecture { sources.append(("architecture", architecture)) }
        return sources
    }

    private static let usualBatch = 100
}

/// The output of `aig evaluate --predictions`: CSV (RFC 4180) with a row for each image that was classified, in the
/// dataset's order. Names are written as they are, also those that a spreadsheet would take for formulas; only bytes that
/// are not UTF-8 are written as escapes such as `\xE9`.
final class PredictionTable {
    private let file: OutputFile
    /// Kept in memory until the end: an interrupted run leaves no file behind.
    private var table: CSVTable

    /// How many classes are named for each image.
    private static let top = 5

    /// - Parameter sources: the files that are read, and their roles; the table must be none of them.
    /// - Throws: what `OutputFile` throws if the file could not be written.
    init(path: String, sources: [(role: String, path: String)]) throws {
        file = try OutputFile(path: path, sources: sources, option: "--predictions")
        table = CSVTable(
            header: ["path", "label"] + (1...Self.top).map { "top\($0)" }
                + (1...Self.top).map { "p\($0)" } + ["correct", "route", "macs"])
    }

    /// - Parameter name: the image's name in its dataset.
    func add(_ image: Evaluation.ImageResult, name: String) {
        let topClasses = image.prediction.topClasses.prefix(Self.top)
        let missing = [String](repeating: "", count: Self.top - topClasses.count)
        let graph = image.prediction.graph
        table.add(
            [name, image.classes[image.label]]
                + topClasses.map { image.classes[$0.index] } + missing
                + topClasses.map { CSVTable.cell($0.probability) } + missing
                + [
                    image.isRight ? "1" : "0", String(graph.executed.map { $0 ? "1" : "0" }),
                    CSVTable.cell(graph.macs),
                ])
    }

    /// - Throws: `FileError`, if that fails.
    func write() throws { try file.write(Array(table.text.withEscapedBytes.utf8)) }
}
