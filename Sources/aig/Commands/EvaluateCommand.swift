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
            folder is the network's class of the same name. Pictures that cannot be read are named on standard error \
            and left out. Without --weights, the model that comes with the program is measured. Unless --batch says \
            otherwise, 100 pictures run together.

            Shown are the share of pictures whose class was right (top 1) or among the five likeliest (top 5), the \
            multiply-accumulates spent on a picture, and how often each block ran, also by class.

            Examples:
              aig evaluate --weights run/best.safetensors --data cifar-10-batches-bin
              aig evaluate --data cifar10.tar --policy threshold:0.7 --json
            """)

    @Option(
        help: ArgumentHelp(
            "Weights: safetensors, or a checkpoint of PyTorch. (default: the embedded model)", valueName: "file"),
        completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @Option(help: ArgumentHelp("The pictures: a folder, or a tar archive.", valueName: "path"), completion: .file())
    var data: String

    @OptionGroup var network: NetworkOptions
    @OptionGroup var execution: ExecutionOptions

    @Option(help: ArgumentHelp("Only so many pictures.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("Threads that decode pictures. They change no result.", valueName: "count"))
    var threads = BatchLoader.usualThreads

    @Flag(help: "Print an object.")
    var json = false

    func validate() throws {
        try WeightsSource.validate(optional: weights, for: network, execution.policy)
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit); give 1 or more.") }
        if threads < 1 { throw ValidationError("--threads is \(threads); give 1 or more.") }
    }

    func run() throws {
        let loaded = try WeightsSource.load(optional: weights, for: network)
        try execution.policy.validate(gates: loaded.architecture.gatedBlocks.count)
        let pictures = try DataSource(path: data)
        let set = pictures.test ?? pictures.train
        let count = min(limit ?? set.count, set.count)
        let session = try execution.session(loaded, images: count, usualBatch: Self.usualBatch)
        let line = ProgressLine()
        let evaluation = try Evaluation(
            of: session, on: set, policy: execution.policy, limit: limit, threads: threads
        ) { done in
            line.show("\(done) of \(count) pictures")
        }
        line.clear()
        for failure in evaluation.failures { Console.complain("Left out: \(failure)") }
        let report = EvaluationReport(evaluation, of: session, policy: execution.policy)
        try Console.write(json ? JSONText.pretty(report) : report.lines.joined(separator: "\n"))
        if evaluation.count == 0 { throw ExitCode.failure }
    }

    private static let usualBatch = 100
}
