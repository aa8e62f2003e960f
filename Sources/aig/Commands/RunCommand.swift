import ArgumentParser
import ConvNetAIG
import Foundation

/// `aig run`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a network on a tensor of images, from one safetensors file to another.",
        discussion: """
            The input file has a float32 tensor "input" of any number of normalised images, N x channels x \
            height x width; the network is taken at that height and width. Without --weights, it is the model that \
            comes with the program. The output file gets the float32 \
            tensors "logits" (N x classes), "gates" (N x gated blocks: 1 where the block ran) and \
            "gate_probabilities" (N x gated blocks). It appears complete or not at all.

            Examples:
              aig run --input x.safetensors --output y.safetensors
              aig run --weights w.pth --input x.safetensors --output y.safetensors
              aig run --architecture convnet-aig-cifar-110 --policy sample:42 --batch 32 \\
                      --weights w.safetensors --input x.safetensors --output y.safetensors
              aig run --weights random:1 --input x.safetensors --output y.safetensors \\
                      --architecture convnet-aig-50 --backend reference
            """)

    @Option(
        help: ArgumentHelp(
            "Weights: safetensors, or a checkpoint of PyTorch; random:SEED for untrained ones. "
                + "(default: the embedded model)", valueName: "file"),
        completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @Option(
        help: ArgumentHelp("Safetensors file with the tensor \"input\".", valueName: "file"),
        completion: .file(extensions: ["safetensors"]))
    var input: String

    @Option(help: ArgumentHelp("Safetensors file to write.", valueName: "file"), completion: .file())
    var output: String

    @OptionGroup var network: NetworkOptions
    @OptionGroup var execution: ExecutionOptions

    func validate() throws {
        try WeightsSource.validate(optional: weights, for: network, execution.policy)
    }

    func run() throws {
        var sources = [("input", input)]
        if let weights { sources.append(("weights", weights)) }
        if let architecture = network.architecture { sources.append(("architecture", architecture)) }
        let destination = try OutputFile(path: output, sources: sources)
        let images = try ImageTensor(path: input)
        let weights = try loadWeights(for: images)
        let policy = execution.policy
        try policy.validate(gates: weights.architecture.gatedBlocks.count)
        let session = try execution.session(weights, images: images.count)

        var result = RunResult(session: session, policy: policy)
        for start in stride(from: 0, to: images.count, by: session.batch) {
            let batch = try images[start..<min(start + session.batch, images.count)]
            do {
                result.append(try session.run(batch, policy: policy, firstImage: start))
            } catch let error as SessionError {
                // What is wrong with the images is wrong with their file.
                throw CommandFailure("\(input): \(error)")
            }
        }
        try result.write(to: destination)
        if let image = result.firstNotFinite {
            Console.complain(
                "Warning: the logits of image \(image) are not finite; the weights or the input have too "
                    + "large values."
            )
        }
        try Console.write(result.lines(destination).joined(separator: "\n"))
    }

    /// The weights, in a network of the images' size.
    private func loadWeights(for images: ImageTensor) throws -> Weights {
        let source = try WeightsSource(optional: weights, for: network)
        if weights != nil, let architecture = try network.load() {
            return try source.load(for: images.fit(architecture), classes: nil)
        }
        // The architecture that the file tells is known only when it is read.
        let loaded = try source.load(for: nil, classes: network.classes)
        let fitting = try images.fit(loaded.architecture)
        return fitting == loaded.architecture ? loaded : try source.load(for: fitting, classes: nil)
    }
}
