import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import FileSystem

/// What `aig evaluate --predictions` writes: CSV by RFC 4180, a row for each image that was classified, in the order of the
/// set. Names are written as they are: nothing is put before those that a spreadsheet would take for formulas; only bytes
/// that are no UTF-8 are written out, as `\xE9`.
final class PredictionTable {
    private let file: OutputFile
    /// Kept until it is written: an interrupted run leaves no file behind.
    private var table: CSVTable

    /// Classes of an image that are named.
    private static let candidates = 5

    /// - Parameter sources: the files that are read, and what they are; the table must be none of them.
    /// - Throws: what `OutputFile` throws if the file could not be written.
    init(path: String, sources: [(role: String, path: String)]) throws {
        file = try OutputFile(path: path, sources: sources, option: "--predictions")
        table = CSVTable(
            header: ["path", "label"] + (1...Self.candidates).map { "top\($0)" }
                + (1...Self.candidates).map { "p\($0)" } + ["correct", "route", "macs"])
    }

    /// - Parameter name: the image's in its set.
    func add(_ image: Evaluation.ImageResult, name: String) {
        let candidates = image.prediction.candidates.prefix(Self.candidates)
        let missing = [String](repeating: "", count: Self.candidates - candidates.count)
        let graph = image.prediction.graph
        table.add(
            [name, image.classes[image.label]]
                + candidates.map { image.classes[$0.index] } + missing
                + candidates.map { CSVTable.cell($0.probability) } + missing
                + [
                    image.isRight ? "1" : "0", String(graph.executed.map { $0 ? "1" : "0" }),
                    CSVTable.cell(graph.macs),
                ])
    }

    /// - Throws: `SafetensorsError`, if that fails.
    func write() throws { try file.write(Array(table.text.withEscapedBytes.utf8)) }
}
