import ArgumentParser
import ConvNetAIG
import Foundation
import Terminal

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

    @Option(help: .weightsOrRandom, completion: .file(extensions: WeightsSource.fileExtensions))
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
            Console.warn("the logits of image \(image) are not finite; the weights or the input have too large values.")
        }
        try Console.write(result.lines(destination).joined(separator: "\n"))
    }

    /// Loads the weights into a network of the images' size.
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

/// The input of `aig run`: the tensor "input" of a safetensors file, which is read batch by batch.
struct ImageTensor {
    private let file: SafetensorsFile
    private let shape: [Int]

    /// Number of images.
    var count: Int { shape[0] }

    private static let name = "input"

    /// - Throws: `SafetensorsError` or `CommandFailure`, if the file has no such tensor or it holds no
    ///   images.
    init(path: String) throws {
        file = try SafetensorsFile(path: path)
        guard let info = file.info(Self.name) else {
            let others = file.names.prefix(10).joined(separator: ", ") + (file.names.count > 10 ? ", …" : "")
            throw CommandFailure(
                "\(path) has no tensor \"\(Self.name)\"; name the images so when exporting. "
                    + (others.isEmpty ? "It has none at all." : "It has \(others)."))
        }
        guard info.dtype == .float32 else {
            throw SafetensorsError.unsupportedType(
                path: path, tensor: Self.name, dtype: info.dtype, wanted: "float32")
        }
        guard info.shape.count == 4 else {
            throw CommandFailure(
                "The tensor \"\(Self.name)\" of \(path) has shape \(info.shape); give images x channels x "
                    + "height x width.")
        }
        guard !info.shape.contains(0) else {
            throw CommandFailure(
                "The tensor \"\(Self.name)\" of \(path) has shape \(info.shape), and so no images; give at "
                    + "least one."
            )
        }
        shape = info.shape
    }

    /// The architecture at the images' height and width.
    ///
    /// - Throws: `CommandFailure` if it takes other channels, `ArchitectureError` if it cannot take that
    ///   size.
    func fit(_ architecture: Architecture) throws -> Architecture {
        guard shape[1] == architecture.input.channels else {
            throw CommandFailure(
                "The tensor \"\(Self.name)\" of \(file.path) has shape \(shape), that is "
                    + "\(shape[1].counted("channel")); "
                    + "\(architecture.name) takes images x \(architecture.input.channels) x height x width.")
        }
        guard shape[2] != architecture.input.height || shape[3] != architecture.input.width else {
            return architecture
        }
        return try architecture.with(height: shape[2], width: shape[3])
    }

    /// A batch of the images.
    subscript(range: Range<Int>) -> Tensor {
        get throws {
            let image = shape[1...].reduce(1, *)
            let values = try file.withUnsafeFloats(Self.name) {
                Array($0[range.lowerBound * image..<range.upperBound * image])
            }
            return try Tensor(shape: [range.count] + shape[1...], values: values)
        }
    }
}

/// The output of `aig run`: that of all batches.
struct RunResult {
    private let session: Session
    private let policy: GatePolicy
    private var images = 0
    private var logits: [Float] = []
    private var gates: [Float] = []
    private var gateProbabilities: [Float] = []
    private var macs = 0
    /// The first image whose logits are not all finite.
    private(set) var firstNotFinite: Int?

    init(session: Session, policy: GatePolicy) {
        self.session = session
        self.policy = policy
    }

    /// Adds the output of the next images.
    mutating func append(_ output: Session.Output) {
        for image in 0..<output.images {
            let values = output.logits(of: image)
            if firstNotFinite == nil, !values.allSatisfy(\.isFinite) { firstNotFinite = images + image }
            let open = output.gates(of: image)
            logits += values
            gates += open.map { $0 ? 1 : 0 }
            gateProbabilities += output.gateProbabilities(of: image)
            macs += session.cost.executedMACs(open: open, gatesEvaluated: policy.asksGates)
        }
        images += output.images
    }

    /// - Throws: `FileError` if the file cannot be written.
    func write(to file: OutputFile) throws {
        let gateCount = session.architecture.gatedBlocks.count
        try Safetensors.write(
            tensors: [
                ("logits", try Tensor(shape: [images, session.architecture.classes], values: logits)),
                ("gates", try Tensor(shape: [images, gateCount], values: gates)),
                ("gate_probabilities", try Tensor(shape: [images, gateCount], values: gateProbabilities)),
            ],
            metadata: ["architecture": session.architecture.name, "policy": policy.description], to: file.path
        )
    }

    /// A summary for the user.
    func lines(_ file: OutputFile) -> [String] {
        let architecture = session.architecture
        let dense = Double(session.cost.macs) * Double(max(images, 1))
        var lines = [
            "\(images.counted("image")) through \(architecture.name.printable()) on "
                + "\(session.deviceName.printable()), policy \(policy)"
        ]
        if !gates.isEmpty {
            let share = Double(gates.count { $0 == 1 }) / Double(gates.count)
            lines.append(
                "\(share.percentage) of gates open, \((Double(macs) / dense).percentage) of the dense MACs")
        }
        lines.append("\(session.memory.summary); planned for \(session.batch.counted("image"))")
        lines.append(
            "\(file.path.printable()): logits \([images, architecture.classes].extents), gates and "
                + "gate_probabilities "
                + [images, architecture.gatedBlocks.count].extents)
        return lines
    }
}

extension Architecture {
    /// The same network for images of another size. Its weights stay the same, as none depends on the size.
    ///
    /// - Throws: `ArchitectureError` if the size is too large, or too small for the stem's kernel.
    func with(height: Int, width: Int) throws(ArchitectureError) -> Architecture {
        try Architecture(
            name: name, input: FeatureShape(channels: input.channels, height: height, width: width), stem: stem,
            stages: stages, blockKind: blockKind, shortcut: shortcut, gateHidden: gateHidden,
            ungatedBlocks: ungatedBlocks, classes: classes)
    }
}

extension MemoryUse {
    /// A line for the user: the session's memory, and what sharing saves.
    var summary: String {
        let unshared =
            activationsUnshared > activations ? " (\(activationsUnshared.byteCount) if none were shared)" : ""
        return "memory \(total.byteCount): weights \(weights.byteCount), feature maps \(activations.byteCount)"
            + "\(unshared), others \((scratch + other).byteCount)"
    }
}
