import ConvNetAIGReport

/// One pair of axes with its lines, title and legend.
struct CurvePanel {
    let title: String
    /// The values that the y axis has to hold at least.
    let minimumRange: ClosedRange<Double>?
    /// Those that have points.
    let series: [CurveSeries]

    init(title: String, minimumRange: ClosedRange<Double>?, series: [CurveSeries]) {
        self.title = title
        self.minimumRange = minimumRange
        self.series = series.filter { !$0.points.isEmpty }
    }

    static let width = 470.0
    static let height = 300.0
    private static let left = 62.0
    private static let right = width - 20
    private static let top = 52.0
    private static let floor = height - 46
    /// A generous guess at the width of a letter of the legend.
    private static let letterWidth = 6.9
    private static let legendLine = 22.0

    /// - Parameters:
    ///   - epochs: what the x axis holds.
    ///   - place: where the panel's upper left corner is.
    func markup(epochs: ClosedRange<Double>, at place: Place) -> Markup {
        let across = Axis(epochs, from: Self.left, to: Self.right, intervals: 8, isWhole: true, isTight: true)
        let values = Axis.range(of: series.flatMap { $0.points.map(\.y) }, atLeast: minimumRange)
        let up = Axis(values, from: Self.floor, to: Self.top, intervals: 5)
        var shapes = [SVG.text(title, at: Place(x: Self.left, y: 18), class: "title")] + legend()
        for tick in up.ticks {
            let y = up.position(tick)
            shapes.append(SVG.line(Place(x: Self.left, y: y), Place(x: Self.right, y: y), class: "grid"))
            shapes.append(SVG.text(up.label(tick), at: Place(x: Self.left - 8, y: y + 4), anchor: .end))
        }
        shapes.append(
            SVG.line(Place(x: Self.left, y: Self.floor), Place(x: Self.right, y: Self.floor), class: "axis"))
        for tick in across.ticks {
            let x = across.position(tick)
            shapes.append(SVG.line(Place(x: x, y: Self.floor), Place(x: x, y: Self.floor + 4), class: "axis"))
            shapes.append(SVG.text(across.label(tick), at: Place(x: x, y: Self.floor + 18), anchor: .middle))
        }
        let middle = (Self.left + Self.right) / 2
        shapes.append(SVG.text("epoch", at: Place(x: middle, y: Self.floor + 36), anchor: .middle))
        shapes += series.map { series in
            Self.curve(series, series.points.map { Place(x: across.position($0.x), y: up.position($0.y)) })
        }
        return SVG.group(shapes, at: place)
    }

    private func legend() -> [Markup] {
        var shapes: [Markup] = []
        var x = Self.left
        for series in series {
            let end = x + Self.legendLine
            shapes.append(
                SVG.line(Place(x: x, y: 36), Place(x: end, y: 36), class: "curve \(series.style.rawValue)"))
            shapes.append(SVG.text(series.name, at: Place(x: end + 6, y: 40)))
            x = end + 6 + Double(series.name.count) * Self.letterWidth + 16
        }
        return shapes
    }

    private static func curve(_ series: CurveSeries, _ places: [Place]) -> Markup {
        // A line needs two points.
        if places.count == 1 { return SVG.circle(places[0], radius: 3, class: "dot \(series.style.rawValue)") }
        return SVG.polyline(places, class: "curve \(series.style.rawValue)")
    }
}
