import ArgumentParser
import ConvNetAIG
import Terminal

/// `aig inspect`
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a file of weights holds, and whether it is the weights of an architecture.",
        discussion: """
            The file is safetensors or a checkpoint of PyTorch (.pth, .pth.tar, .th). The architecture is that of \
            --architecture, or the one that the file's metadata names, or a known one that all tensors fit. If the \
            tensors do not fit it, the exit status is 1 and standard error says what is missing, left over \
            or different. A file of no architecture is listed all the same.

            Examples:
              aig inspect weights.safetensors
              aig inspect checkpoint.pth.tar --architecture convnet-aig-cifar-110
              aig inspect weights.safetensors --json | jq '.tensors[].name'
            """)

    @Argument(
        help: ArgumentHelp("A file of weights.", valueName: "weights"),
        completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String

    @OptionGroup var network: NetworkOptions

    @Flag(help: "Print an object.")
    var json = false

    func run() throws {
        let architecture = try network.load()
        let file = try TensorFiles.open(path: weights)
        let loaded = Result {
            try Weights(file: file, architecture: architecture, classes: network.classes, key: network.key)
        }
        if case .failure(let error as WeightsError) = loaded, case .noSuchKey = error { throw error }
        let report = InspectionReport(file, architecture: architecture, weights: loaded)
        try Console.write(
            json
                ? JSONText.pretty(report)
                : report.lines(try? loaded.get().architecture).joined(separator: "\n"))
        for note in (try? loaded.get().notes) ?? [] { Console.warn("\(weights): \(note)") }
        if let problem = report.problem { throw CommandFailure(problem) }
    }
}
