import ArgumentParser
import ConvNetAIG
import Terminal

/// `aig cost`
struct CostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "Show what a network costs: parameters and multiply-accumulates (MACs), block by block.",
        discussion: """
            Convolutions and linear layers count, the gates' too; batch norm, pooling and additions do not. \
            MACs are those of one image. A block's branch is paid where its gate is open, its shortcut and \
            its gate always.

            Examples:
              aig cost convnet-aig-50
              aig cost convnet-aig-cifar-20 --open 101101101
              aig cost resnet-101 --classes 100 --json
              aig cost my-network.json
            """)

    @Argument(help: .architecture)
    var architecture: String

    @Option(help: .classes)
    var classes: Int?

    @Option(
        help: ArgumentHelp(
            "A graph to cost: a digit per gated block, 1 where its gate is open.", valueName: "0101…"))
    var open: String?

    @Flag(help: "Print an object.")
    var json = false

    func validate() throws {
        if let classes, classes < 1 { throw ValidationError("--classes is \(classes); give 1 or more.") }
        if let open {
            guard open.allSatisfy({ $0 == "0" || $0 == "1" }) else {
                throw ValidationError(
                    "--open is '\(open.printable())'; give a 0 or a 1 for each gated block.")
            }
            if let named = try? Architecture(named: architecture), let problem = mismatch(open, named) {
                throw ValidationError(problem)
            }
        }
    }

    func run() throws {
        let architecture = try Architecture.load(architecture, classes: classes)
        if let open, let problem = mismatch(open, architecture) { throw CommandFailure(problem) }
        let gates = open.map { $0.map { $0 == "1" } }
        let report = CostReport(architecture, open: gates)
        try Console.write(
            json ? JSONText.pretty(report) : report.lines(architecture, open: gates).joined(separator: "\n"))
    }

    private func mismatch(_ open: String, _ architecture: Architecture) -> String? {
        let gated = architecture.gatedBlocks.count
        guard open.count != gated else { return nil }
        return "--open has \(open.count.counted("digit")), but \(architecture.name) has "
            + "\(gated.counted("gated block")); give a digit for each."
    }
}
