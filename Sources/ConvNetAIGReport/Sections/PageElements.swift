import Charts

/// A part of the page with a heading of its own.
protocol PageSection {
    /// The anchor that the table of contents links to.
    var id: String { get }
    var title: String { get }
    /// The section's findings in a sentence or two, or why there are none.
    var summary: String { get }
    /// The charts and tables; empty if there is nothing to show.
    func body() -> [Markup]
}

extension PageSection {
    func markup() -> Markup {
        .tag(
            "section", ["id": id, "aria-labelledby": id + "-title"],
            [.tag("h2", ["id": id + "-title"], title), .tag("p", ["class": "summary"], summary)] + body())
    }
}

/// A figure of the page. Charts are drawn twice, for wide screens and for phones, on which a shrunk chart could not be read.
enum Figure {
    private static let wide = 840.0
    private static let narrow = 324.0

    /// - Parameters:
    ///   - caption: what the chart shows and how to read it.
    ///   - legend: the meaning of the marks.
    ///   - draw: draws the chart for a width in pixels.
    static func chart(caption: String, legend: [LegendItem] = [], _ draw: (Double) -> Markup) -> Markup {
        figure(
            caption: caption, legend: legend,
            [
                .tag("div", ["class": "scroll wide", "tabindex": "0"], [draw(wide)]),
                .tag("div", ["class": "scroll narrow", "tabindex": "0"], [draw(narrow)]),
            ])
    }

    static func figure(caption: String, legend: [LegendItem] = [], _ contents: [Markup]) -> Markup {
        var children: [Markup] = [.tag("figcaption", [:], caption)]
        if !legend.isEmpty { children.append(.tag("ul", ["class": "legend"], legend.map(\.markup))) }
        return .tag("figure", [:], children + contents)
    }
}

/// A mark of a chart with its meaning.
struct LegendItem: Sendable {
    private let swatch: Markup
    private let text: String

    var markup: Markup { .tag("li", [:], [swatch, .text(text)]) }

    /// A line of a chart.
    static func line(_ series: ChartSeries) -> LegendItem {
        let middle = Point(x: 17, y: 8)
        guard series.isJoined else { return marker(series.style, series.name) }
        let line = SVG.line(Point(x: 0, y: 8), Point(x: 34, y: 8), class: series.style.curve)
        let dot = series.style.marker.markup(at: middle, class: series.style.dot)
        return LegendItem(swatch: ornament(34, [line] + (series.isMarked ? [dot] : [])), text: series.name)
    }

    static func marker(_ style: SeriesStyle, _ text: String) -> LegendItem {
        LegendItem(swatch: ornament(14, [style.marker.markup(at: Point(x: 7, y: 8), class: style.dot)]), text: text)
    }

    /// A filled area.
    static func area(class name: String, _ text: String) -> LegendItem {
        let box = Box(x: 1, y: 2, width: 12, height: 12)
        return LegendItem(swatch: ornament(14, [SVG.rectangle(box, class: name)]), text: text)
    }

    /// An upright line, such as a range around a median.
    static func line(class name: String, _ text: String) -> LegendItem {
        LegendItem(
            swatch: ornament(14, [SVG.line(Point(x: 7, y: 1), Point(x: 7, y: 15), class: name)]), text: text)
    }

    /// The marks of `RouteGlyph`.
    static let routes = [
        area(class: "ran", "block ran"), area(class: "skipped", "block skipped"),
        LegendItem(
            swatch: ornament(14, [SVG.circle(Point(x: 7, y: 8), radius: 3, class: "always")]),
            text: "no gate, always runs"),
    ]

    private static func ornament(_ width: Double, _ children: [Markup]) -> Markup {
        SVG.ornament(width: width, height: 16, class: "swatch", children)
    }
}

/// A table of the page. Its first column names the rows.
struct TableMarkup {
    /// A column; numbers are aligned to the right.
    struct Column {
        var name: String
        var isNumber = true
    }

    /// The contents of a cell.
    struct Cell {
        var children: [Markup]
        /// The style sheet's classes.
        var classes = ""

        static func text(_ text: String, classes: String = "") -> Cell {
            Cell(children: [.text(text)], classes: classes)
        }

        /// A share, with its 95 % interval in a line below if there is one.
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
    /// The style sheet's classes for the table.
    var classes = ""
    /// Rows of headings above the columns' names.
    var spans: [Markup] = []
    /// The meaning of the marks in the cells.
    var legend: [LegendItem] = []

    /// The table in a container that scrolls, so that a wide table does not widen the page and the caption stays in view.
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
