import ConvNetAIG
import ConvNetAIGReport
import FileSystem
import Foundation

/// The folder that a report is written to, made before the work is begun.
struct ReportFolder {
    let path: String

    /// - Throws: `CommandFailure` if it cannot be made or written to.
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

    /// Writes all files of a report, each complete or not at all.
    func write(_ figures: ReportFigures) throws {
        try write(ReportPage(figures).html(), to: "report.html")
        try write(figures.json(), to: "report.json")
        for (name, text) in ReportTables(figures).files.sorted(by: { $0.key < $1.key }) { try write(text, to: name) }
    }

    private func write(_ text: String, to name: String) throws {
        try AtomicFile.write(Array(text.utf8), to: file(name))
    }
}
