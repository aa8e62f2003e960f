import ConvNetAIG

/// Prints what became of images: text as it comes, or JSON at the end.
struct ImagePrinter {
    private let session: Session
    private let policy: GatePolicy
    private let isJSON: Bool
    private var reports: [ImageReport] = []
    private var hasTitle = false
    /// Whether any file could not be classified.
    private(set) var hasFailures = false

    init(session: Session, policy: GatePolicy, isJSON: Bool) {
        self.session = session
        self.policy = policy
        self.isJSON = isJSON
    }

    mutating func print(_ outcomes: [ImageClassifier.Outcome]) throws {
        for (file, result) in outcomes {
            switch result {
            case .success(let prediction):
                if isJSON {
                    reports.append(ImageReport(file: file, prediction, session: session, policy: policy))
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
        let graph = prediction.graph
        return [Console.bold(file.printable())]
            + ImageLines.classes(prediction.candidates.map(ImageReport.Candidate.init)) + [
                "  \(session.architecture.route(graph.executed))",
                ImageLines.cost(executed: graph.executed, macs: graph.macs, macsDense: graph.denseMACs),
            ]
    }
}
