/// What a mark of a chart means.
struct LegendItem: Sendable {
    private let swatch: Markup
    private let text: String

    var markup: Markup { .tag("li", [:], [swatch, .text(text)]) }

    /// A line of a chart.
    static func line(_ series: ChartSeries) -> LegendItem {
        let middle = Place(x: 17, y: 8)
        guard series.isJoined else { return marker(series.style, series.name) }
        let line = SVG.line(Place(x: 0, y: 8), Place(x: 34, y: 8), class: series.style.curve)
        let dot = series.style.marker.markup(at: middle, class: series.style.dot)
        return LegendItem(swatch: ornament(34, [line] + (series.isMarked ? [dot] : [])), text: series.name)
    }

    static func marker(_ style: SeriesStyle, _ text: String) -> LegendItem {
        LegendItem(swatch: ornament(14, [style.marker.markup(at: Place(x: 7, y: 8), class: style.dot)]), text: text)
    }

    /// A filled area.
    static func area(class name: String, _ text: String) -> LegendItem {
        let box = Box(x: 1, y: 2, width: 12, height: 12)
        return LegendItem(swatch: ornament(14, [SVG.rectangle(box, class: name)]), text: text)
    }

    /// A range around a median.
    static func line(class name: String, _ text: String) -> LegendItem {
        LegendItem(
            swatch: ornament(14, [SVG.line(Place(x: 7, y: 1), Place(x: 7, y: 15), class: name)]), text: text)
    }

    /// The marks of `RouteGlyph`.
    static let routes = [
        area(class: "ran", "block ran"), area(class: "skipped", "block skipped"),
        LegendItem(
            swatch: ornament(14, [SVG.circle(Place(x: 7, y: 8), radius: 3, class: "always")]),
            text: "no gate, always runs"),
    ]

    private static func ornament(_ width: Double, _ children: [Markup]) -> Markup {
        SVG.ornament(width: width, height: 16, class: "swatch", children)
    }
}
