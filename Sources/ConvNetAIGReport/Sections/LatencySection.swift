/// Time by number of executed blocks.
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
