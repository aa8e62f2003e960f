import ConvNetAIG

/// What `aig run` writes: the outputs of all batches.
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

    /// What was done, for the user.
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
