import Charts

/// Accuracy against executed MACs as the gates' thresholds move.
struct BudgetSection: PageSection {
    let figures: ReportFigures
    private let contenders: Contenders

    let id = "budgets"
    let title = "Accuracy against executed MACs"

    init(figures: ReportFigures) {
        self.figures = figures
        contenders = Contenders(figures)
    }

    private var budgets: BudgetFigures { figures.budgets }

    var summary: String {
        let points = budgets.global + budgets.perBlock + budgets.dial
        guard let best = points.max(by: { $0.top1 < $1.top1 }) else { return "No thresholds were moved." }
        let beginning =
            "Moving the thresholds of one trained network reaches at most \(NumberText.percent(best.top1)), with "
            + "\(NumberText.percent(best.share)) of the dense network’s MACs."
        // The cheapest point whose accuracy is at most one point lower.
        guard let cheap = points.filter({ $0.top1 >= best.top1 - 0.01 }).min(by: { $0.share < $1.share }),
            cheap.share < best.share
        else { return beginning }
        return beginning + " \(NumberText.percent(cheap.share)) are enough for \(NumberText.percent(cheap.top1)), "
            + "at most one point less."
    }

    func body() -> [Markup] {
        var result: [Markup] = []
        let series = series
        if !series.isEmpty { result.append(chart(series)) }
        if !budgets.dial.isEmpty { result.append(dial) }
        return result
    }

    private var series: [ChartSeries] {
        [
            ("one threshold for all gates", budgets.global, SeriesStyle(0), false),
            ("a threshold for each gate", budgets.perBlock, SeriesStyle(1), false),
            ("budgets of the network", budgets.dial, SeriesStyle(color: 2, dash: 2, marker: 3), true),
        ].map { name, points, style, isMarked in
            ChartSeries(
                name: name, style: style, points: points.map { Point(x: 100 * $0.share, y: 100 * $0.top1) },
                isMarked: isMarked, isJoined: !isMarked)
        }.filter { !$0.points.isEmpty }
    }

    /// Error bars of the budgets and the contenders; those of the curves would hide them.
    private var errorBars: [ErrorBar] {
        budgets.dial.compactMap { ErrorBar(x: 100 * $0.share, share: $0.top1Interval) }
            + contenders.all.compactMap { ErrorBar(x: 100 * contenders.share($0), share: $0.top1Interval) }
    }

    /// The largest distance of a curve's point from an end of its interval, in percentage points; nil without intervals.
    private var margin: String? {
        (budgets.global + budgets.perBlock).compactMap { point in
            point.top1Interval.map { max(point.top1 - $0.low, $0.high - point.top1) }
        }.filter(\.isFinite).max().map { NumberText.decimal(100 * $0, 1) }
    }

    private static let contenderStyle = SeriesStyle(color: 3, dash: 0, marker: 1)

    private func chart(_ series: [ChartSeries]) -> Markup {
        let label = "Line chart of accuracy against executed MACs. " + summary
        let legend =
            series.map(LegendItem.line)
            + (contenders.all.isEmpty ? [] : [LegendItem.marker(Self.contenderStyle, "contenders")])
        let dial = budgets.dial.map { point in
            ChartAnnotation(
                text: point.budget.map { NumberText.percent($0, 0) } ?? "",
                point: Point(x: 100 * point.share, y: 100 * point.top1))
        }.filter { !$0.text.isEmpty }
        let keys = contenders.all.enumerated().map { "\(Contenders.letter($0)) = \($1.name)" }
        return Figure.chart(
            caption:
                "Accuracy and mean MACs of one trained network as its thresholds move. Diamonds are labelled with the "
                + "budget asked for."
                + (margin.map { " The curves’ 95 % intervals reach at most \($0) points either way." } ?? "")
                + (errorBars.isEmpty ? "" : " Upright lines are 95 % intervals.")
                + (keys.isEmpty ? "" : " Contenders: \(keys.joined(separator: "; "))."),
            legend: legend
        ) { width in
            let annotations = contenders.all.enumerated().map { index, contender in
                ChartAnnotation(
                    text: width < 500
                        ? Contenders.letter(index)
                        : Contenders.letter(index) + " " + TextWidth.shortened(contender.name, to: 28),
                    point: Point(x: 100 * contenders.share(contender), y: 100 * contender.top1),
                    style: Self.contenderStyle)
            }
            return LineChart(
                label: label, xTitle: "Executed MACs (% of the dense network’s)", yTitle: "Accuracy (%)",
                series: series, annotations: annotations + dial, errorBars: errorBars
            ).svg(width: width)
        }
    }

    private var dial: Markup {
        TableMarkup(
            caption:
                "The network’s own budgets: what was asked for, what was spent, and what came of it, with its 95 % interval.",
            columns: [
                TableMarkup.Column(name: "Budget", isNumber: false), TableMarkup.Column(name: "Spent"),
                TableMarkup.Column(name: "Top-1"), TableMarkup.Column(name: "Latency"),
            ],
            rows: budgets.dial.map { point in
                [
                    .text(NumberText.percent(point.budget, 0)), .text(NumberText.percent(point.share)),
                    .share(point.top1, point.top1Interval), .text(NumberText.milliseconds(point.latency)),
                ]
            }
        ).markup()
    }
}
