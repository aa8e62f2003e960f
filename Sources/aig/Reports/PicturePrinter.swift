import ConvNetAIG

/// Prints what became of pictures: text as it comes, or JSON at the end.
struct PicturePrinter {
    private let session: Session
    private let policy: GatePolicy
    private let isJSON: Bool
    private var reports: [PictureReport] = []
    private var hasTitle = false
    /// Whether any file could not be classified.
    private(set) var hasFailures = false

    init(session: Session, policy: GatePolicy, isJSON: Bool) {
        self.session = session
        self.policy = policy
        self.isJSON = isJSON
    }

    mutating func print(_ outcomes: [PictureClassifier.Outcome]) throws {
        for (file, result) in outcomes {
            switch result {
            case .success(let prediction):
                if isJSON {
                    reports.append(PictureReport(file: file, prediction, session: session, policy: policy))
                } else {
                    try Console.write((title() + [""] + lines(file, prediction)).joined(separator: "\n"))
                }
            case .failure(let error):
                hasFailures = true
                Console.complain(error)
                if isJSON { reports.append(.failure(file: file, error: String(describing: error))) }
            }
        }
    }

    /// Prints what waits for the end.
    func finish() throws {
        guard isJSON else { return }
        // An object per line is easy on both people and line-by-line tools.
        let objects = try reports.map { try JSONText.line($0) }
        try Console.write(objects.isEmpty ? "[]" : "[\n" + objects.joined(separator: ",\n") + "\n]")
    }

    private mutating func title() -> [String] {
        guard !hasTitle else { return [] }
        hasTitle = true
        return [
            "\(session.architecture.name.printable()) on \(session.deviceName.printable()), policy \(policy)"
        ]
    }

    private func lines(_ file: String, _ prediction: Prediction) -> [String] {
        var classes = Table([.left, .right, .left])
        for candidate in prediction.candidates {
            classes.add([
                "  " + (candidate.name?.printable() ?? "class \(candidate.index)"),
                candidate.probability.percentage,
                bar(candidate.probability),
            ])
        }
        let graph = prediction.graph
        let count = graph.executed.count { $0 }
        let share = Double(graph.macs) / Double(max(graph.denseMACs, 1))
        return [Console.bold(file.printable())] + classes.lines + [
            "  \(session.architecture.route(graph.executed))",
            "  \(count.grouped) of \(graph.executed.count.counted("block")), \(graph.macs.grouped) of "
                + "\(graph.denseMACs.grouped) MACs (\(share.percentage))",
        ]
    }

    private func bar(_ probability: Float) -> String {
        String(repeating: "▪", count: min(max(Int((probability * 20).rounded()), 0), 20))
    }
}
