import ArgumentParser
import ConvNetAIG

/// `aig inspect`
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a safetensors file holds, and whether it is the weights of an architecture.",
        discussion: """
            The architecture is the one that the file's metadata names, or that of --architecture. If the \
            tensors do not fit it, the exit status is 1 and standard error says what is missing, left over \
            or different. A file that names no architecture is listed all the same.

            Examples:
              aig inspect weights.safetensors
              aig inspect checkpoint.safetensors --architecture convnet-aig-110
              aig inspect weights.safetensors --json | jq '.tensors[].name'
            """)

    @Argument(
        help: ArgumentHelp("A safetensors file.", valueName: "weights"),
        completion: .file(extensions: ["safetensors"]))
    var weights: String

    @OptionGroup var network: NetworkOptions

    @Flag(help: "Print an object.")
    var json = false

    func run() throws {
        let architecture = try network.load()
        let file = try SafetensorsFile(path: weights)
        let loaded = Result { try Weights(file: file, architecture: architecture, classes: network.classes) }
        let report = InspectionReport(file, architecture: architecture, weights: loaded)
        try Console.write(
            json
                ? JSONText.pretty(report)
                : report.lines(try? loaded.get().architecture).joined(separator: "\n"))
        if let problem = report.problem { throw CommandFailure(problem) }
    }
}
