import ArgumentParser
import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGStudies
import FileSystem
import Foundation
import Terminal

/// `aig report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show what a network's graphs mean: a page with figures, and the numbers behind them.",
        discussion: """
            The folder gets report.html, a page that needs nothing else and opens offline, report.json with all \
            figures, and a CSV file for each table: accuracy and multiply-accumulates against the ResNet, which classes \
            are taken for which, how often each block runs and for which class, how many blocks run, easy and hard \
            pictures with their routes, how often each graph occurs, how alike the classes' graphs are, accuracy as the \
            gates' thresholds move, time by blocks executed, and accuracy and graphs under attack; and which of the \
            paper's claims hold here.

            Accuracies have 95 % intervals (Wilson's), and the two networks are compared picture by picture (McNemar's \
            test). A claim holds, or does not, only where the 95 % interval of its figure says so; or else it is not \
            known.

            Examples:
              aig report --data cifar-10-batches-bin --out report
              aig report --weights aig.safetensors --against resnet.safetensors --data cifar10.tar --limit 2000
            """)

    @OptionGroup var study: StudyOptions
    @OptionGroup var comparison: AgainstOptions
    @OptionGroup var attack: AttackOptions

    @Option(help: ArgumentHelp("The report's folder.", valueName: "folder"), completion: .directory)
    var out = "report"

    @Option(
        name: .customLong("policy"),
        help: ArgumentHelp("How gates decide, as for 'aig classify'.", valueName: "policy"),
        transform: GatePolicy.parse(argument:))
    var policy: GatePolicy = .argmax

    @Option(help: ArgumentHelp("Pictures to attack, at most; 0 for no attack. (default: all)", valueName: "count"))
    var attacked: Int?

    @Option(help: ArgumentHelp("Pictures to take the times of.", valueName: "count"))
    var timed = 300

    func validate() throws {
        if let attacked, attacked < 0 { throw ValidationError("--attacked is \(attacked); give 0 or more.") }
        if timed < 1 { throw ValidationError("--timed is \(timed); give 1 or more.") }
    }

    func run() throws {
        let weights = try study.loadWeights()
        let folder = try ReportFolder(path: out)
        let images = try study.testImages(for: weights)
        let settings = ReportSettings(
            policy: policy, batch: study.batch, timedImages: timed,
            robustness: attacked == 0 ? nil : attack.settings, attackedImages: attacked, threads: study.threads)
        let report = try ReportStudy(
            of: ReportStudy.Model(weights),
            against: comparison.load(for: weights, isEmbedded: study.weights == nil, study.dataset.preprocessing),
            backend: study.computing.choice(), settings: settings)
        let line = ProgressLine()
        let figures = try report.figures(on: images.set) { line.show($0.text.printable()) }
        line.clear()
        images.tellWarnings()
        for failure in figures.data.skipped { Console.complain("Left out: \(failure)") }
        try folder.write(figures)
        for claim in figures.claims {
            try Console.write("\(Self.word(claim.verdict)): \(claim.text)\n    \(claim.evidence)")
        }
        try Console.write("\(folder.page.printable())")
    }

    private static func word(_ verdict: Claim.Verdict) -> String {
        switch verdict {
        case .holds: "Holds"
        case .fails: "Does not hold"
        case .unknown: "Not known"
        }
    }
}

/// The folder that a report is written to, created before the work begins.
struct ReportFolder {
    let path: String

    /// - Throws: `CommandFailure` if it cannot be created or written to.
    init(path: String) throws {
        guard !path.isEmpty else { throw CommandFailure("The report's folder has no name; give --out one.") }
        self.path = path
        do {
            try createFolders(path)
        } catch {
            throw CommandFailure("The folder \(path) cannot be made: \(error.problem)")
        }
        guard path.withPathBytes({ access($0, W_OK | X_OK) }) == 0 else {
            throw CommandFailure("The folder \(path) cannot be written to; give --out another.")
        }
    }

    /// The page's path.
    var page: String { file("report.html") }

    private func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

    /// Writes the report's files, each complete or not at all.
    func write(_ figures: ReportFigures) throws {
        try write(ReportPage(figures).html(), to: "report.html")
        try write(figures.json(), to: "report.json")
        for (name, text) in ReportTables(figures).files.sorted(by: { $0.key < $1.key }) { try write(text, to: name) }
    }

    private func write(_ text: String, to name: String) throws {
        try AtomicFile.write(Array(text.utf8), to: file(name))
    }
}
