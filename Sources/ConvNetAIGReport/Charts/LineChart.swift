/// Lines over a pair of axes, with points that are labelled. The legend is the page's.
struct LineChart: Sendable {
    var label: String
    var acrossTitle: String
    var upTitle: String
    var series: [ChartSeries]
    var notes: [ChartNote] = []
    /// Drawn below the markers.
    var whiskers: [ChartWhisker] = []
    /// What the axes hold at least.
    var minimumX: ClosedRange<Double>?
    var minimumY: ClosedRange<Double>?
    /// Whether the x axis ends with the values, and not with ticks.
    var isTight = false

    /// - Parameter width: of the image, in pixels.
    func svg(width: Double) -> Markup {
        let height = width < 500 ? 270.0 : 400
        let frame = PlotFrame(
            width: width, height: height, x: Axis.range(of: values.map(\.x), atLeast: minimumX),
            y: Axis.range(of: values.map(\.y), atLeast: minimumY), acrossTitle: acrossTitle, upTitle: upTitle,
            isTight: isTight)
        let lines = series.map { $0.points.map(frame.place) }
        var shapes = frame.markup()
        for whisker in whiskers {
            let ends = [whisker.low, whisker.high].map { frame.place(Place(x: whisker.x, y: $0)) }
            shapes.append(SVG.line(ends[0], ends[1], class: "whisker"))
        }
        for (series, places) in zip(series, lines) where series.isJoined && places.count > 1 {
            shapes.append(SVG.polyline(places, class: series.style.curve))
        }
        for (series, places) in zip(series, lines) where series.isMarked || places.count == 1 {
            for (point, place) in zip(series.points, places) {
                shapes.append(
                    series.style.marker.markup(
                        at: place, class: series.style.dot, title: title(series.name, point, frame)))
            }
        }
        let marked = notes.filter { $0.point.x.isFinite && $0.point.y.isFinite }
        for note in marked {
            guard let style = note.style else { continue }
            shapes.append(
                style.marker.markup(
                    at: frame.place(note.point), class: style.dot, title: title(note.text, note.point, frame),
                    radius: 5))
        }
        var placement = LabelPlacement(
            bounds: frame.plot,
            markers: marked.map { frame.place($0.point) } + zip(series, lines).flatMap { $0.isMarked ? $1 : [] },
            curves: zip(series, lines).filter { $0.0.isJoined }.map { $0.1 })
        for note in marked {
            let place = frame.place(note.point)
            guard let label = placement.add(note.text, at: place) else { continue }
            if let leader = label.leader { shapes.append(SVG.line(place, leader, class: "leader")) }
            shapes.append(
                SVG.text(
                    note.text, at: Place(x: label.box.x + label.box.width / 2, y: label.box.bottom - 1.5),
                    anchor: .middle, class: "label halo"))
        }
        return SVG.image(width: width, height: height, label: label, shapes)
    }

    private var values: [Place] {
        series.flatMap(\.points) + notes.map(\.point)
            + whiskers.flatMap { [Place(x: $0.x, y: $0.low), Place(x: $0.x, y: $0.high)] }
    }

    private func title(_ name: String, _ point: Place, _ frame: PlotFrame) -> String {
        "\(name): \(NumberText.decimal(point.x, 1)), \(NumberText.decimal(point.y, 1))"
    }
}
