import ArgumentParser
import ConvNetAIG
import FileSystem
import Foundation
import Terminal

/// `aig convert`
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write weights as a safetensors file that says all that is needed to use them.",
        discussion: """
            The input is a checkpoint of PyTorch (.pth, .pth.tar, .th) or safetensors, in any of the usual names of \
            tensors. All commands take such files as they are; what is written here has the names of the authors' \
            code in single precision, and names its architecture, its classes and what pictures are normalised with. \
            The output appears complete or not at all.

            Examples:
              aig convert model_best.pth.tar model.safetensors
              aig convert resnet20.th resnet20.safetensors --classes names.txt \\
                      --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225
              aig convert checkpoint.pth ema.safetensors --key model_ema
            """)

    @Argument(
        help: ArgumentHelp("Weights.", valueName: "in"), completion: .file(extensions: WeightsSource.fileExtensions))
    var input: String

    @Argument(
        help: ArgumentHelp("Safetensors file to write.", valueName: "out"),
        completion: .file(extensions: ["safetensors"]))
    var output: String

    @Option(
        help: ArgumentHelp(
            "Architecture: a name such as convnet-aig-50, or the path of a JSON file. (default: told from the tensors)",
            valueName: "name|json"))
    var architecture: String?

    @Option(
        help: ArgumentHelp(
            "The classes' names in order: with commas between, or the path of a file that has one in each line or is a "
                + "JSON array.", valueName: "names|file"), completion: .file())
    var classes: String?

    @Option(
        help: ArgumentHelp("What pictures are normalised with (white is 1).", valueName: "r,g,b"),
        transform: NumberList.ofChannels)
    var mean: [Float]?

    @Option(help: ArgumentHelp("Likewise.", valueName: "r,g,b"), transform: NumberList.ofChannels)
    var std: [Float]?

    @Option(help: .key)
    var key: String?

    func validate() throws {
        guard (mean == nil) == (std == nil) else { throw ValidationError("--mean and --std go together.") }
        if let std, std.contains(where: { $0 <= 0 }) { throw ValidationError("--std must be positive.") }
    }

    func run() throws {
        let destination = try OutputFile(path: output, sources: [("input", input)], option: "the output")
        let names = try classes.map(ClassNames.init(argument:))?.names
        let file = try TensorFiles.open(path: input)
        let given = try architecture.map {
            try Architecture.load($0, classes: Weights.classCount(of: file, key: key))
        }
        let source = WeightsSource.file(file, key: key)
        let weights = try source.load(for: given, classes: nil)
        try weights.write(to: destination.path, metadata: metadata(for: weights, names))
        let values = Weights.layout(of: weights.architecture).reduce(0) { $0 + $1.shape.reduce(1, *) }
        try Console.write(
            "\(output.printable()): \(weights.names.count.grouped) tensors, \(values.grouped) values of "
                + weights.architecture.summary)
    }

    /// Metadata from the options, besides what the weights say themselves.
    private func metadata(for weights: Weights, _ names: [String]?) throws -> [String: String] {
        var metadata: [String: String] = [:]
        if let names {
            guard names.count == weights.architecture.classes else {
                throw CommandFailure(
                    "--classes has \(names.count.counted("name")), but the network tells apart "
                        + "\(weights.architecture.classes) classes.")
            }
            metadata["classes"] = Weights.metadataText(classNames: names)
        }
        if let mean, let std {
            let channels = weights.architecture.input.channels
            guard mean.count == channels, std.count == channels else {
                throw CommandFailure("--mean and --std need \(channels.counted("number")) each, one for each channel.")
            }
            metadata["mean"] = mean.commaSeparated
            metadata["std"] = std.commaSeparated
        }
        return metadata
    }
}

/// Names of classes, from the command line or a file.
struct ClassNames {
    let names: [String]

    /// - Parameter argument: the path of a file of names, or names with commas between.
    init(argument: String) throws {
        if let status = FileStatus(argument), !status.isFolder {
            let whole = try readBytes(argument)
            // Spreadsheets begin UTF-8 with a mark.
            let contents = Data(whole.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(whole.dropFirst(3)) : whole)
            guard let text = String(data: contents, encoding: .utf8) else {
                throw CommandFailure("\(argument) is no text in UTF-8, of which --classes needs a line for each class.")
            }
            names =
                (try? JSONDecoder().decode([String].self, from: contents))
                ?? text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { !$0.isEmpty }
        } else {
            names = argument.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
        guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty }) else {
            throw CommandFailure("--classes has an empty name.")
        }
    }
}
