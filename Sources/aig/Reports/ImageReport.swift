import ConvNetAIG
import FileSystem
import Terminal

/// The output of `aig classify --json` for one image.
enum ImageReport: Encodable {
    case success(Success)
    case failure(file: String, error: String)

    struct Success: Encodable {
        let file: String
        let device: String
        let architecture: String
        let policy: String
        let classes: [ClassResult]
        let graph: Graph
        let macs: Int
        let macsDense: Int
    }

    struct ClassResult: Encodable {
        let index: Int
        let name: String?
        let probability: Float

        private enum CodingKeys: CodingKey {
            case index, name, probability
        }

        init(_ score: Prediction.ClassScore) {
            index = score.index
            name = score.name
            probability = score.probability
        }

        /// The class's name, or else its index.
        var label: String { name?.printable() ?? "class \(index)" }

        /// Writes null for a class without a name, so that every class has the same keys.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(index, forKey: .index)
            try container.encode(name, forKey: .name)
            try container.encode(probability, forKey: .probability)
        }
    }

    struct Graph: Encodable {
        let executed: [Bool]
        let gates: [Bool]
        let gateProbabilities: [Float]

        init(_ graph: InferenceGraph) {
            executed = graph.executed
            gates = graph.gates
            gateProbabilities = graph.gateProbabilities
        }
    }

    private enum CodingKeys: CodingKey {
        case file, error
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .success(let success): try success.encode(to: encoder)
        case .failure(let file, let error):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(file.withEscapedBytes, forKey: .file)
            try container.encode(error, forKey: .error)
        }
    }

    init(file: String, _ prediction: Prediction, session: Session, policy: GatePolicy) {
        let graph = prediction.graph
        self = .success(
            Success(
                file: file.withEscapedBytes, device: session.deviceName, architecture: session.architecture.name,
                policy: policy.description,
                classes: prediction.topClasses.map(ClassResult.init), graph: Graph(graph), macs: graph.macs,
                macsDense: graph.denseMACs))
    }
}

/// Lines that all reports on an image share.
enum ImageLines {
    /// The likeliest classes, a line each.
    static func classes(_ topClasses: [ImageReport.ClassResult]) -> [String] {
        var table = TextTable([.left, .right, .left])
        for score in topClasses {
            table.append([
                "  " + score.label, score.probability.percentage, bar(score.probability, length: 20),
            ])
        }
        return table.lines
    }

    /// The blocks that ran and what they cost, in MACs.
    static func cost(executed: [Bool], macs: Int, macsDense: Int) -> String {
        let share = Double(macs) / Double(max(macsDense, 1))
        return "  \(executed.count { $0 }.grouped) of \(executed.count.counted("block")), \(macs.grouped) of "
            + "\(macsDense.grouped) MACs (\(share.percentage))"
    }

    /// A probability as a bar of at most `length` squares.
    static func bar(_ probability: Float, length: Int) -> String {
        String(repeating: "▪", count: min(max(Int((probability * Float(length)).rounded()), 0), length))
    }
}

extension Architecture {
    /// A drawing of a graph: a filled square per block that runs and an empty one per block that does not,
    /// the stages set apart.
    func route(_ executed: [Bool]) -> String {
        var rest = executed[...]
        return stages.map { stage in
            defer { rest = rest.dropFirst(stage.blocks) }
            return rest.prefix(stage.blocks).map { $0 ? "■" : "□" }.joined()
        }.joined(separator: " ")
    }
}
