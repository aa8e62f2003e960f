import Statistics

/// Lines over a pair of axes, with points that are labelled. Its legend is drawn elsewhere.
package struct LineChart: Sendable {
    /// What the chart shows, for people who cannot see it.
    package var label: String
    /// With the unit.
    package var xTitle: String
    /// With the unit.
    package var yTitle: String
    package var series: [ChartSeries]
    package var annotations: [ChartAnnotation]
    /// Drawn below the markers.
    package var errorBars: [ErrorBar]
    /// What the y axis holds as well.
    package var minimumY: ClosedRange<Double>?

    package init(
        label: String, xTitle: String, yTitle: String, series: [ChartSeries], annotations: [ChartAnnotation] = [],
        errorBars: [ErrorBar] = [], minimumY: ClosedRange<Double>? = nil
    ) {
        self.label = label
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.series = series
        self.annotations = annotations
        self.errorBars = errorBars
        self.minimumY = minimumY
    }

    /// - Parameter width: of the drawing, in pixels.
    package func svg(width: Double) -> Markup {
        let height = width < 500 ? 270.0 : 400
        let frame = PlotFrame(
            width: width, height: height, x: Axis.range(of: values.map(\.x)),
            y: Axis.range(of: values.map(\.y), atLeast: minimumY), xTitle: xTitle, yTitle: yTitle)
        let lines = series.map { $0.points.map(frame.position) }
        var shapes = frame.markup()
        for bar in errorBars {
            let ends = [bar.low, bar.high].map { frame.position(Point(x: bar.x, y: $0)) }
            shapes.append(SVG.line(ends[0], ends[1], class: "whisker"))
        }
        for (series, line) in zip(series, lines) where series.isJoined && line.count > 1 {
            shapes.append(SVG.polyline(line, class: series.style.curve))
        }
        for (series, line) in zip(series, lines) where series.isMarked || line.count == 1 {
            for (values, point) in zip(series.points, line) {
                shapes.append(
                    series.style.marker.markup(
                        at: point, class: series.style.dot, title: title(series.name, values)))
            }
        }
        let annotations = annotations.filter { $0.point.x.isFinite && $0.point.y.isFinite }
        for annotation in annotations {
            guard let style = annotation.style else { continue }
            shapes.append(
                style.marker.markup(
                    at: frame.position(annotation.point), class: style.dot,
                    title: title(annotation.text, annotation.point), radius: 5))
        }
        var placement = LabelPlacement(
            bounds: frame.plot,
            markers: annotations.map { frame.position($0.point) }
                + zip(series, lines).flatMap { $0.isMarked ? $1 : [] },
            curves: zip(series, lines).filter { $0.0.isJoined }.map { $0.1 })
        for annotation in annotations {
            let point = frame.position(annotation.point)
            guard let label = placement.add(annotation.text, at: point) else { continue }
            if let leader = label.leader { shapes.append(SVG.line(point, leader, class: "leader")) }
            shapes.append(
                SVG.text(
                    annotation.text, at: Point(x: label.box.x + label.box.width / 2, y: label.box.bottom - 1.5),
                    anchor: .middle, class: "label halo"))
        }
        return SVG.image(width: width, height: height, label: label, shapes)
    }

    private var values: [Point] {
        series.flatMap(\.points) + annotations.map(\.point)
            + errorBars.flatMap { [Point(x: $0.x, y: $0.low), Point(x: $0.x, y: $0.high)] }
    }

    private func title(_ name: String, _ values: Point) -> String {
        "\(name): \(NumberText.decimal(values.x, 1)), \(NumberText.decimal(values.y, 1))"
    }
}

/// A line of a chart.
package struct ChartSeries: Sendable {
    package var name: String
    package var style: SeriesStyle
    /// Values by ascending x.
    package var points: [Point]
    /// Whether each value is marked, or only the line is drawn.
    package var isMarked: Bool
    /// Whether a line joins the values.
    package var isJoined: Bool

    /// - Parameter points: values in any order; those that are not finite are left out.
    package init(name: String, style: SeriesStyle, points: [Point], isMarked: Bool = true, isJoined: Bool = true) {
        self.name = name
        self.style = style
        self.points = points.filter { $0.x.isFinite && $0.y.isFinite }.sorted { $0.x < $1.x }
        self.isMarked = isMarked
        self.isJoined = isJoined
    }
}

/// A value that a chart marks and labels.
package struct ChartAnnotation: Sendable {
    package var text: String
    package var point: Point
    /// nil where a series marks the value already.
    package var style: SeriesStyle?

    package init(text: String, point: Point, style: SeriesStyle? = nil) {
        self.text = text
        self.point = point
        self.style = style
    }
}

/// The interval that a value of a chart lies in.
package struct ErrorBar: Sendable {
    package var x: Double
    package var low: Double
    package var high: Double

    /// The interval of a share in 0...1, drawn in percent; nil without an interval, or if one of the numbers is not finite.
    package init?(x: Double, share interval: ConfidenceInterval?) {
        guard let interval, x.isFinite, interval.low.isFinite, interval.high.isFinite else { return nil }
        self.x = x
        low = 100 * interval.low
        high = 100 * interval.high
    }
}
