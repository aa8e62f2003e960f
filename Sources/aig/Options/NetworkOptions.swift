import ArgumentParser
import ConvNetAIG

/// Which network.
struct NetworkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Architecture: a name such as convnet-aig-50, or the path of a JSON file.",
            discussion: "Needed only for weights that do not tell theirs.", valueName: "name|json"))
    var architecture: String?

    @Option(help: ArgumentHelp("Number of classes, if not the architecture's own.", valueName: "count"))
    var classes: Int?

    @Option(
        help: ArgumentHelp(
            "Which network of a file that holds several: what its tensors are under, such as state_dict. "
                + "(default: averaged weights, if there are any)", valueName: "name"))
    var key: String?

    func validate() throws {
        if let classes, classes < 1 { throw ValidationError("--classes is \(classes); give 1 or more.") }
    }

    /// The architecture asked for, or nil to take the weights'.
    func load() throws -> Architecture? {
        try architecture.map { try Architecture.load($0, classes: classes) }
    }

    /// Whether a policy fits the architecture asked for, where that follows from its name alone.
    func validate(_ policy: GatePolicy) throws {
        guard let architecture else { return }
        try Self.validate(policy, architectureName: architecture)
    }

    /// Whether a policy fits a network, where that follows from its name alone: a usage error if not.
    static func validate(_ policy: GatePolicy, architectureName: String) throws {
        guard let named = try? Architecture(named: architectureName) else { return }
        try validate(policy, gates: named.gatedBlocks.count)
    }

    /// Whether a policy fits a network with so many gates: a usage error if not.
    static func validate(_ policy: GatePolicy, gates: Int) throws {
        do {
            try policy.validate(gates: gates)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
