/// A chart of the page, drawn for wide screens and again for phones, where one that shrinks could not be read.
struct Figure {
    static let wide = 840.0
    static let narrow = 324.0

    /// - Parameters:
    ///   - caption: what the chart shows and how it is read.
    ///   - legend: what the marks mean.
    ///   - draw: the chart for a width in pixels.
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
