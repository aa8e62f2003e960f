import ConvNetAIG
import ConvNetAIGStudies

/// What `aig explain` says. What `aig classify --json` says too has the same keys.
struct ExplanationReport: Encodable {
    struct Flip: Encodable {
        /// Index among all blocks.
        let block: Int
        let name: String
        /// Index among all gates.
        let gate: Int
        let wasOpen: Bool
        let gateProbability: Float
        let gates: [Bool]
        let classes: [ImageReport.Candidate]
        let macs: Int
        let changesPrediction: Bool
        let probabilityChange: Double
        /// In nats.
        let klDivergence: Double
    }

    let file: String
    let device: String
    let architecture: String
    let policy: String
    let classes: [ImageReport.Candidate]
    let graph: ImageReport.Graph
    let macs: Int
    let macsDense: Int
    let laterGates: Explanation.LaterGates
    let flips: [Flip]

    init(file: String, _ explanation: Explanation, session: Session, policy: GatePolicy) {
        self.file = file
        device = session.deviceName
        architecture = session.architecture.name
        self.policy = policy.description
        classes = explanation.candidates.map(ImageReport.Candidate.init)
        graph = ImageReport.Graph(explanation.graph)
        macs = explanation.graph.macs
        macsDense = explanation.graph.denseMACs
        laterGates = explanation.laterGates
        flips = explanation.flips.map {
            Flip(
                block: $0.block, name: $0.name, gate: $0.gate, wasOpen: $0.wasOpen,
                gateProbability: $0.gateProbability, gates: $0.gates,
                classes: $0.candidates.map(ImageReport.Candidate.init), macs: $0.macs,
                changesPrediction: $0.changesPrediction, probabilityChange: $0.probabilityChange,
                klDivergence: $0.klDivergence)
        }
    }
}
