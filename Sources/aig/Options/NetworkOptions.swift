import ArgumentParser
import ConvNetAIG
import ConvNetAIGModels
import Foundation
import Terminal

/// Which network to run.
struct NetworkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Architecture: a name such as convnet-aig-50, or the path of a JSON file.",
            discussion: "Needed only for weights that do not tell theirs.", valueName: "name|json"))
    var architecture: String?

    @Option(help: .classes)
    var classes: Int?

    @Option(help: .key)
    var key: String?

    func validate() throws {
        if let classes, classes < 1 { throw ValidationError("--classes is \(classes); give 1 or more.") }
    }

    /// The architecture that was given, or nil for that of the weights.
    func load() throws -> Architecture? {
        try architecture.map { try Architecture.load($0, classes: classes) }
    }

    /// Checks that a policy fits the given architecture, as far as its name tells.
    /// - Throws: `ValidationError`.
    func validate(_ policy: GatePolicy) throws {
        guard let architecture else { return }
        try Self.validate(policy, architectureName: architecture)
    }

    /// Checks that a policy fits a network, as far as the network's name tells.
    /// - Throws: `ValidationError`.
    static func validate(_ policy: GatePolicy, architectureName: String) throws {
        guard let named = try? Architecture(named: architectureName) else { return }
        try validate(policy, gates: named.gatedBlocks.count)
    }

    /// Checks that a policy fits a network with this number of gates.
    /// - Throws: `ValidationError`.
    static func validate(_ policy: GatePolicy, gates: Int) throws {
        do {
            try policy.validate(gates: gates)
        } catch {
            throw ValidationError(error.description)
        }
    }
}

/// Where weights come from.
enum WeightsSource {
    /// A file of any format, and the key of the network in it.
    case file(any TensorFile, key: String?)
    /// Random weights, to try what a network costs.
    case random(seed: UInt64)
    /// A model that comes with the program.
    case embedded(EmbeddedModel)

    /// Usual extensions of weight files. The format is told from the contents.
    static let fileExtensions = ["safetensors", "pth", "pt", "th", "tar"]

    /// Reads a path, or `random:SEED`.
    ///
    /// - Parameter key: the key of the network, if the file holds several.
    init(argument: String, key: String?) throws {
        if let seed = try Self.seed(argument) {
            self = .random(seed: seed)
        } else {
            self = .file(try TensorFiles.open(path: argument), key: key)
        }
    }

    /// Likewise; nil stands for an embedded model.
    init(optional argument: String?, for network: NetworkOptions) throws {
        if let argument {
            try self.init(argument: argument, key: network.key)
        } else {
            self = .embedded(network.architecture.flatMap(EmbeddedModel.init) ?? .standard)
        }
    }

    /// Checks what can be checked before any file is opened.
    /// - Throws: `ValidationError`.
    static func validate(argument: String, architecture: String?) throws {
        if try seed(argument) != nil, architecture == nil {
            throw ValidationError("Random weights are for any network: pass --architecture.")
        }
    }

    /// Likewise; nil stands for an embedded model.
    /// - Throws: `ValidationError`.
    static func validate(optional argument: String?, for network: NetworkOptions, _ policy: GatePolicy) throws {
        if let argument {
            try network.validate(policy)
            return try validate(argument: argument, architecture: network.architecture)
        }
        let name = network.architecture ?? EmbeddedModel.standard.rawValue
        guard let model = EmbeddedModel(rawValue: name) else {
            let names = EmbeddedModel.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError(
                "There are embedded weights for \(names) only, not for '\(name.printable())'; pass --weights.")
        }
        // Fewer than the architecture's name stands for: blocks that always run have no gates there.
        try NetworkOptions.validate(policy, gates: model.weights().architecture.gatedBlocks.count)
    }

    /// Loads the weights; nil stands for an embedded model.
    static func load(optional argument: String?, for network: NetworkOptions) throws -> Weights {
        let source = try WeightsSource(optional: argument, for: network)
        return try source.load(for: argument == nil ? nil : network.load(), classes: network.classes)
    }

    /// The seed of random weights, or nil if the argument is a path.
    private static func seed(_ argument: String) throws -> UInt64? {
        guard argument.hasPrefix("random:") else { return nil }
        guard let seed = UInt64(argument.dropFirst("random:".count)) else {
            throw ValidationError(
                "The weights '\(argument.printable())' have no usable seed: give random:SEED with a number "
                    + "from 0 to \(UInt64.max), or ./\(argument.printable()) for a file of that name.")
        }
        return seed
    }

    /// Loads the weights.
    ///
    /// - Parameters:
    ///   - architecture: the architecture; nil takes the one that the weights name.
    ///   - classes: the number of classes, if the weights name the architecture.
    func load(for architecture: Architecture?, classes: Int?) throws -> Weights {
        switch self {
        case .file(let file, let key):
            do {
                let weights = try Weights(file: file, architecture: architecture, classes: classes, key: key)
                for note in weights.notes { Console.warn("\(file.path): \(note)") }
                return weights
            } catch WeightsError.unknownArchitecture(let source, let resembles) {
                guard !file.names.isEmpty else {
                    throw CommandFailure(
                        "\(source) has no tensors, as files of settings or of an optimizer alone have none; give the file "
                            + "that holds the network.")
                }
                throw CommandFailure(
                    "\(source) does not say which network it is for (it has no metadata \"architecture\", and its "
                        + "tensors are not those of a known one). Pass --architecture"
                        + (resembles.map { "; by the tensors' names it is like \($0)." } ?? ".")
                )
            }
        case .random(let seed):
            guard let architecture else {
                throw CommandFailure("Random weights are for any network: pass --architecture.")
            }
            let needed = architecture.cost.parameters
            let memory = ProcessInfo.processInfo.physicalMemory
            guard UInt64(needed) < memory / 2 / UInt64(MemoryLayout<Float>.size) else {
                throw CommandFailure(
                    "\(architecture.name) has \(needed.grouped) parameters, too many for this computer's "
                        + "memory of \(memory.byteCount); choose a smaller architecture.")
            }
            return .random(for: architecture, seed: seed)
        case .embedded(let model):
            let weights = try model.weights()
            if let classes, classes != weights.architecture.classes {
                throw CommandFailure(
                    "The embedded model \(model.rawValue) has \(weights.architecture.classes) classes, not "
                        + "\(classes); leave --classes out, or pass --weights.")
            }
            // Of another input's size, the network is the same but for its name's usual size.
            guard let architecture, architecture != weights.architecture else { return weights }
            return try Weights(
                architecture: architecture, tensors: weights.tensors(), metadata: weights.metadata)
        }
    }
}
