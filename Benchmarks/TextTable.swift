/// Columns of text, aligned.
struct TextTable {
    enum Alignment {
        case left, right
    }

    private let titles: [String]
    private let alignments: [Alignment]
    /// Nil is an empty line.
    private var rows: [[String]?] = []

    init(_ columns: [(title: String, alignment: Alignment)]) {
        titles = columns.map(\.title)
        alignments = columns.map(\.alignment)
    }

    /// Missing cells are empty, and those beyond the last column are left out.
    mutating func append(_ cells: [String]) {
        rows.append(cells)
    }

    /// An empty line, unless nothing stands above it.
    mutating func appendGap() {
        if rows.last != nil, rows.last != .some(nil) { rows.append(nil) }
    }

    var text: String {
        let lines: [[String]?] = [titles] + rows
        let widths = titles.indices.map { column in
            lines.compactMap { $0.flatMap { column < $0.count ? $0[column].count : nil } }.max() ?? 0
        }
        func line(_ cells: [String]?) -> String {
            guard let cells else { return "" }
            let text = widths.indices.map { column in
                let cell = column < cells.count ? cells[column] : ""
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return alignments[column] == .left ? cell + padding : padding + cell
            }.joined(separator: "  ")
            return String(text.reversed().drop { $0 == " " }.reversed())
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
        return ([line(titles), rule] + rows.map(line)).joined(separator: "\n")
    }
}
