/// Rows of text in aligned columns, with or without titles.
package struct TextTable {
    package enum Alignment {
        case left, right
    }

    private let alignments: [Alignment]
    /// Nil without titles.
    private let titles: [String]?
    /// Nil is an empty line.
    private var rows: [[String]?] = []

    /// A table without titles.
    ///
    /// - Parameter alignments: one for each column.
    package init(_ alignments: [Alignment]) {
        self.alignments = alignments
        titles = nil
    }

    /// A table whose titles are underlined.
    package init(_ columns: [(title: String, alignment: Alignment)]) {
        alignments = columns.map(\.alignment)
        titles = columns.map(\.title)
    }

    /// Adds a row. Missing cells are empty, and those beyond the last column are left out.
    package mutating func append(_ cells: [String]) {
        rows.append(cells)
    }

    /// Adds an empty line, unless nothing stands above it.
    package mutating func appendGap() {
        if rows.last != nil, rows.last != .some(nil) { rows.append(nil) }
    }

    /// The table's lines, without spaces at their ends.
    package var lines: [String] {
        let widths = widths
        let rule = widths.map { String(repeating: "-", count: $0) }
        return ((titles.map { [$0, rule] } ?? []) + rows).map { line($0, widths) }
    }

    /// The lines as one text.
    package var text: String { lines.joined(separator: "\n") }

    /// The same as a table in Markdown, without empty lines. A table without titles has its first row as titles.
    package var markdown: String {
        var rows = rows.compactMap { $0 }
        let titles = titles ?? (rows.isEmpty ? [] : rows.removeFirst())
        func line(_ cells: [String]) -> String {
            let cells = alignments.indices.map { column in
                column < cells.count ? cells[column].replacing("|", with: "\\|") : ""
            }
            return "| " + cells.joined(separator: " | ") + " |"
        }
        let rule = alignments.map { $0 == .left ? "---" : "---:" }
        return ([line(titles), line(rule)] + rows.map(line)).joined(separator: "\n")
    }

    private var widths: [Int] {
        let rows = rows.compactMap { $0 } + [titles ?? []]
        return alignments.indices.map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
    }

    private func line(_ cells: [String]?, _ widths: [Int]) -> String {
        guard let cells else { return "" }
        var line = ""
        for (column, (width, alignment)) in zip(widths, alignments).enumerated() {
            let cell = column < cells.count ? cells[column] : ""
            let padding = String(repeating: " ", count: width - cell.count)
            line += (column > 0 ? "  " : "") + (alignment == .left ? cell + padding : padding + cell)
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
