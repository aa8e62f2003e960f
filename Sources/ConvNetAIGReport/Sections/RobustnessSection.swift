import Charts

/// Accuracy under attack.
struct RobustnessSection: PageSection {
    let model: ModelFigures
    let robustness: RobustnessFigures

    let id = "robustness"
    let title = "Robustness"

    private var models: [String] { distinct(robustness.rows.map(\.model)) }
    private var qualities: [Int?] { distinct(robustness.rows.map(\.jpegQuality)) }

    private func distinct<Value: Equatable>(_ values: [Value]) -> [Value] {
        values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    var summary: String {
        let strengths = robustness.rows.filter { $0.jpegQuality == nil }.map(\.epsilon)
        guard let strongest = strengths.max(), let weakest = strengths.min(), weakest < strongest else {
            return "\(robustness.attack) was made on \(NumberText.count(robustness.images, "picture")), but not in "
                + "more than one strength."
        }
        let falls = models.compactMap { name -> String? in
            guard let before = row(name, weakest, nil), let after = row(name, strongest, nil) else { return nil }
            return "\(name) falls from \(NumberText.percent(before.top1)) to \(NumberText.percent(after.top1))"
        }
        let beginning =
            "Under \(robustness.attack) with ε = \(Self.epsilon(strongest)), \(NumberText.list(falls))."
        let changes = models.compactMap { row($0, strongest, nil)?.changedDecisions }
        guard let changed = changes.first else { return beginning }
        return beginning + " At that strength \(NumberText.percent(changed)) of the gates’ decisions change."
    }

    private func row(_ model: String, _ epsilon: Double, _ quality: Int?) -> RobustnessFigures.Row? {
        robustness.rows.first { $0.model == model && $0.epsilon == epsilon && $0.jpegQuality == quality }
    }

    func body() -> [Markup] {
        guard !robustness.rows.isEmpty else { return [] }
        var result = [accuracy]
        let changes = changes
        if !changes.isEmpty { result.append(graphs(changes)) }
        result.append(table)
        return result
    }

    /// A line for each network, told apart by its colour, and each JPEG quality, told apart by its dashes; markers tell both
    /// apart.
    private func series(
        _ suffix: String = "", marker: Int = 0, _ value: (RobustnessFigures.Row) -> Double?
    ) -> [ChartSeries] {
        models.enumerated().flatMap { color, model in
            qualities.enumerated().map { dash, quality in
                ChartSeries(
                    name: model + suffix + (quality.map { ", JPEG quality \($0)" } ?? ""),
                    style: SeriesStyle(color: color, dash: dash, marker: color * 2 + dash + marker),
                    points: robustness.rows.filter { $0.model == model && $0.jpegQuality == quality }
                        .compactMap { row in value(row).map { Point(x: row.epsilon, y: 100 * $0) } })
            }
        }.filter { !$0.points.isEmpty }
    }

    private var accuracy: Markup {
        let series = series { $0.top1 }
        let chart = LineChart(
            label: "Line chart of accuracy against the attack’s strength. " + summary, xTitle: Self.axis,
            yTitle: "Accuracy (%)", series: series,
            errorBars: robustness.rows.compactMap { ErrorBar(x: $0.epsilon, share: $0.top1Interval) },
            minimumY: 0...0)
        let hasIntervals = robustness.rows.contains { $0.top1Interval != nil }
        return Figure.chart(
            caption: "Accuracy of \(NumberText.count(robustness.images, "picture")) under \(robustness.attack)"
                + (qualities.contains { $0 != nil }
                    ? ", and where the attacked pictures are recompressed as JPEG before they are classified." : ".")
                + (hasIntervals ? " Upright lines are 95 % intervals." : ""),
            legend: series.map(LegendItem.line), chart.svg)
    }

    /// How graphs change: a pair of lines for each JPEG quality.
    private var changes: [ChartSeries] {
        let rows = robustness.rows.filter { $0.changedDecisions != nil || $0.sameGraph != nil }
        return distinct(rows.map(\.jpegQuality)).enumerated().flatMap { index, quality -> [ChartSeries] in
            let suffix = quality.map { ", JPEG quality \($0)" } ?? ""
            let values: [(String, (RobustnessFigures.Row) -> Double?)] = [
                ("decisions that change", { $0.changedDecisions }),
                ("pictures that keep their graph", { $0.sameGraph }),
            ]
            return values.enumerated().map { color, value in
                ChartSeries(
                    name: value.0 + suffix,
                    style: SeriesStyle(color: color + 2, dash: index, marker: 2 * index + color),
                    points: rows.filter { $0.jpegQuality == quality }
                        .compactMap { row in value.1(row).map { Point(x: row.epsilon, y: 100 * $0) } })
            }
        }.filter { !$0.points.isEmpty }
    }

    private func graphs(_ series: [ChartSeries]) -> Markup {
        let chart = LineChart(
            label: "Line chart of how graphs change with the attack’s strength. " + summary, xTitle: Self.axis,
            yTitle: "Share (%)", series: series, minimumY: 0...100)
        return Figure.chart(
            caption: "How graphs change under attack: decisions of the gated blocks that differ from those on the "
                + "unchanged picture, and pictures whose graph is the very same.",
            legend: series.map(LegendItem.line), chart.svg)
    }

    private var table: Markup {
        TableMarkup(
            caption:
                "Accuracy, MACs as a share of the dense network’s, and changes of the graphs, with 95 % intervals.",
            columns: [
                TableMarkup.Column(name: "Network", isNumber: false), TableMarkup.Column(name: "ε"),
                TableMarkup.Column(name: "JPEG"), TableMarkup.Column(name: "Top-1"), TableMarkup.Column(name: "MACs"),
                TableMarkup.Column(name: "Decisions changed"), TableMarkup.Column(name: "Same graph"),
            ],
            rows: robustness.rows.map { row in
                [
                    .text(row.model), .text(Self.epsilon(row.epsilon)),
                    .text(row.jpegQuality.map(String.init) ?? NumberText.missing), .share(row.top1, row.top1Interval),
                    .text(NumberText.percent(row.macShare)),
                    .share(row.changedDecisions, row.changedDecisionsInterval),
                    .text(NumberText.percent(row.sameGraph)),
                ]
            }, classes: "attacks"
        ).markup()
    }

    private static let axis = "Largest change of a pixel, ε (of 255)"

    private static func epsilon(_ value: Double) -> String {
        value == 0 ? "0" : SVG.number(value) + "/255"
    }
}
