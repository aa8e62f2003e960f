/// A table of the page. Its first column names the rows.
struct TableMarkup {
    /// A column: numbers stand to the right.
    struct Column {
        var name: String
        var isNumber = true
    }

    /// What a cell holds, beyond text.
    struct Cell {
        var children: [Markup]
        /// The style sheet's classes.
        var classes = ""

        static func text(_ text: String, classes: String = "") -> Cell {
            Cell(children: [.text(text)], classes: classes)
        }

        /// A share with its 95 % interval, where there is one, in a line below.
        static func share(_ share: Double?, _ interval: ConfidenceInterval?, classes: String = "") -> Cell {
            var children: [Markup] = [.text(NumberText.percent(share))]
            if let interval, share?.isFinite == true {
                children.append(.tag("span", ["class": "interval"], NumberText.interval(interval)))
            }
            return Cell(children: children, classes: classes)
        }
    }

    var caption: String
    var columns: [Column]
    var rows: [[Cell]]
    /// The style sheet's classes of the table.
    var classes = ""
    /// Rows of headings over that of the columns' names.
    var spans: [Markup] = []
    /// What the marks in its cells mean.
    var legend: [LegendItem] = []

    /// Within a container that scrolls, so that a wide table does not widen the page; the caption stays in view.
    func markup() -> Markup {
        let head = Markup.tag(
            "tr", [:],
            columns.map { column in
                .tag("th", column.isNumber ? ["scope": "col", "class": "number"] : ["scope": "col"], column.name)
            })
        let body = rows.map { cells in
            Markup.tag("tr", [:], cells.enumerated().map { cell($1, column: $0) })
        }
        let table = Markup.tag(
            "table", ["aria-label": caption, "class": classes.isEmpty ? "plain" : classes],
            [.tag("thead", [:], spans + [head]), .tag("tbody", [:], body)])
        return Figure.figure(
            caption: caption, legend: legend,
            [.tag("div", ["class": "scroll", "tabindex": "0", "role": "group", "aria-label": caption], [table])])
    }

    private func cell(_ cell: Cell, column: Int) -> Markup {
        if column == 0 { return .tag("th", ["scope": "row"], cell.children) }
        var classes = columns[ifPresent: column]?.isNumber == true ? ["number"] : []
        if !cell.classes.isEmpty { classes.append(cell.classes) }
        return .tag("td", classes.isEmpty ? [:] : ["class": classes.joined(separator: " ")], cell.children)
    }
}
