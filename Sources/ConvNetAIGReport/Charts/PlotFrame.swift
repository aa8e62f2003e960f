/// A pair of axes with their grid, ticks and titles.
struct PlotFrame: Sendable {
    static let titleHeight = 26.0
    static let footHeight = 44.0

    let width: Double
    let height: Double
    let across: Axis
    let up: Axis
    /// Includes the unit.
    let acrossTitle: String
    let upTitle: String

    /// - Parameters:
    ///   - x: values that the x axis has to hold.
    ///   - y: values that the y axis has to hold.
    ///   - isWhole: whether x counts something.
    init(
        width: Double, height: Double, x: ClosedRange<Double>, y: ClosedRange<Double>, acrossTitle: String,
        upTitle: String, isWhole: Bool = false, isTight: Bool = false
    ) {
        self.width = width
        self.height = height
        self.acrossTitle = acrossTitle
        self.upTitle = upTitle
        up = Axis(y, from: height - Self.footHeight, to: Self.titleHeight + 6, intervals: 5)
        let left = up.labelWidth + 10
        // The last label is centred on the end of the axis.
        across = Axis(
            x, from: left + (isTight ? 8 : 0), to: width - 18, intervals: width < 500 ? 5 : 10, isWhole: isWhole,
            isTight: isTight)
    }

    /// Where values are drawn.
    var plot: Box {
        let left = up.labelWidth + 10
        return Box(x: left, y: up.end, width: width - 10 - left, height: up.start - up.end)
    }

    func place(_ point: Place) -> Place {
        Place(x: across.position(point.x), y: up.position(point.y))
    }

    func markup() -> [Markup] {
        let plot = plot
        var result = [SVG.text(upTitle, at: Place(x: 0, y: 13), class: "axis-title")]
        for tick in up.ticks {
            let y = up.position(tick)
            result.append(
                SVG.line(
                    Place(x: plot.x, y: y), Place(x: plot.right, y: y), class: tick == up.ticks.first ? "axis" : "grid")
            )
            result.append(SVG.text(up.label(tick), at: Place(x: plot.x - 6, y: y + 4), anchor: .end, class: "tick"))
        }
        for tick in across.ticks {
            let x = across.position(tick)
            result.append(SVG.line(Place(x: x, y: plot.bottom), Place(x: x, y: plot.bottom + 4), class: "axis"))
            result.append(
                SVG.text(across.label(tick), at: Place(x: x, y: plot.bottom + 17), anchor: .middle, class: "tick"))
        }
        result.append(
            SVG.text(
                acrossTitle, at: Place(x: plot.right, y: plot.bottom + 36), anchor: .end, class: "axis-title"))
        return result
    }
}
