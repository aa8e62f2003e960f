import Charts

/// Time by the number of executed blocks.
struct LatencySection: PageSection {
    let figures: ReportFigures

    let id = "latency"
    let title = "Latency by number of executed blocks"

    private var latencies: [LatencyFigures] { figures.latencies.sorted { $0.blocks < $1.blocks } }

    var summary: String {
        guard let first = latencies.first, let last = latencies.last else { return "Latency was not measured." }
        let beginning =
            "Pictures that run \(NumberText.count(first.blocks, "block")) take "
            + NumberText.milliseconds(first.median)
        guard first.blocks < last.blocks else { return beginning + " in the median." }
        let each = (last.median - first.median) / Double(last.blocks - first.blocks)
        return beginning + " in the median, those that run \(last.blocks) "
            + "take \(NumberText.milliseconds(last.median)): \(NumberText.decimal(each, 3)) ms for each block more."
    }

    func body() -> [Markup] {
        guard !latencies.isEmpty else { return [] }
        let chart = QuartileChart(
            label: "Chart of latency by number of executed blocks. " + summary, latencies: latencies)
        let table = TableMarkup(
            caption: "Time for one picture at a time, by number of executed blocks.",
            columns: [
                TableMarkup.Column(name: "Blocks", isNumber: false), TableMarkup.Column(name: "Median"),
                TableMarkup.Column(name: "Lower quartile"), TableMarkup.Column(name: "Upper quartile"),
                TableMarkup.Column(name: "Pictures"),
            ],
            rows: latencies.map { latency in
                [
                    .text(String(latency.blocks)), .text(NumberText.milliseconds(latency.median)),
                    .text(NumberText.milliseconds(latency.lowerQuartile)),
                    .text(NumberText.milliseconds(latency.upperQuartile)), .text(NumberText.count(latency.images)),
                ]
            })
        return [
            Figure.chart(
                caption: "Medians of the time for one picture at a time; half of the pictures lie within the bar.",
                legend: [
                    LegendItem.marker(SeriesStyle(0), "median"),
                    LegendItem.line(class: "whisker", "lower to upper quartile"),
                ], chart.svg),
            .tag("details", [:], [.tag("summary", [:], "The same as a table"), table.markup()]),
        ]
    }
}

/// Median times with the range between the quartiles.
struct QuartileChart: Sendable {
    var label: String
    var latencies: [LatencyFigures]

    func svg(width: Double) -> Markup {
        let height = width < 500 ? 250.0 : 300
        let depths = latencies.map { Double($0.blocks) }
        let times = latencies.flatMap { [$0.lowerQuartile, $0.upperQuartile, $0.median] }
        let frame = PlotFrame(
            width: width, height: height, x: (depths.min() ?? 0) - 0.5...(depths.max() ?? 1) + 0.5,
            // From 0, so that twice the height is twice the time.
            y: Axis.range(of: times, atLeast: 0...0), xTitle: "Blocks executed",
            yTitle: "Time per picture (ms)", isWhole: true, isTight: true)
        let cap = min((frame.xAxis.position(1) - frame.xAxis.position(0)) * 0.3, 8)
        var shapes = frame.markup()
        for latency in latencies where latency.median.isFinite {
            let x = frame.xAxis.position(Double(latency.blocks))
            let (low, high) = (frame.yAxis.position(latency.lowerQuartile), frame.yAxis.position(latency.upperQuartile))
            shapes.append(SVG.line(Point(x: x, y: low), Point(x: x, y: high), class: "whisker"))
            for y in [low, high] {
                shapes.append(SVG.line(Point(x: x - cap, y: y), Point(x: x + cap, y: y), class: "whisker"))
            }
            shapes.append(
                SVG.circle(
                    Point(x: x, y: frame.yAxis.position(latency.median)), radius: 4, class: "dot c0",
                    title: "\(NumberText.count(latency.blocks, "block")): median "
                        + "\(NumberText.milliseconds(latency.median)), "
                        + NumberText.count(latency.images, "picture")))
        }
        return SVG.image(width: width, height: height, label: label, shapes)
    }
}
