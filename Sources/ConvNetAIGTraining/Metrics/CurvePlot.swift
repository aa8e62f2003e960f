import Charts
import ConvNetAIG
import FileSystem

/// The curves of a training run as an SVG image: losses, accuracies, execution rates and the learning rate, over the epochs.
/// The same metrics give the same text.
public struct CurvePlot: Sendable, Hashable {
    private let metrics: [EpochMetrics]

    /// Makes the plot of a run's epochs.
    public init(_ metrics: [EpochMetrics]) {
        self.metrics = metrics
    }

    /// Writes the image, completely or not at all.
    ///
    /// - Throws: `FileError.unwritable`.
    public func write(to path: String) throws(FileError) {
        try AtomicFile.write(Array(svg().utf8), to: path)
    }

    /// The image's text.
    public func svg() -> String {
        let gap = 10.0
        let (width, height) = (2 * CurvePanel.width + 3 * gap, 2 * CurvePanel.height + 3 * gap)
        let epochs = metrics.map { Double($0.epoch) }
        let range = (epochs.min() ?? 1)...(epochs.max() ?? 1)
        let paper = SVG.rectangle(Box(x: 0, y: 0, width: width, height: height), class: "paper")
        let shapes = panels.enumerated().map { index, panel in
            let corner = Point(
                x: gap + Double(index % 2) * (CurvePanel.width + gap),
                y: gap + Double(index / 2) * (CurvePanel.height + gap))
            return panel.markup(epochs: range, at: corner)
        }
        return SVG.image(
            width: width, height: height, label: "Training curves", [.style(Self.style), paper] + shapes
        ).html + "\n"
    }

    private var panels: [CurvePanel] {
        [
            CurvePanel(
                title: "Loss (nats, training)", minimumRange: 0...0,
                series: [
                    series("total", .first) { $0.loss }, series("cross-entropy", .second) { $0.crossEntropy },
                ]),
            CurvePanel(
                title: "Accuracy (% of pictures)", minimumRange: nil,
                series: [
                    series("training", .first) { 100 * $0.accuracy },
                    series("validation", .second) { $0.validation.map { 100 * $0.top1 } },
                ]),
            CurvePanel(
                title: "Executed (%)", minimumRange: 0...100,
                series: [
                    series("blocks, train.", .first) { $0.executionRates.mean.map { 100 * $0 } },
                    series("blocks, valid.", .second) { $0.validation?.executionRates.mean.map { 100 * $0 } },
                    series("MACs, valid.", .third) { $0.validation.map { 100 * $0.macShare } },
                ]),
            CurvePanel(
                title: "Learning rate (at the epoch's end)", minimumRange: 0...0,
                series: [series("weights", .first) { $0.learningRate }]),
        ]
    }

    private func series(
        _ name: String, _ style: CurveSeries.Style, _ value: (EpochMetrics) -> Double?
    ) -> CurveSeries {
        CurveSeries(
            name: name, style: style,
            points: metrics.compactMap { metrics in value(metrics).map { (Double(metrics.epoch), $0) } })
    }

    /// The colours of Okabe and Ito, which colour-blind people can tell apart, and lighter ones on dark backgrounds.
    private static let style = """
        text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:14px;font-weight:600;fill:#111}\
        .paper{fill:#fff}.grid{stroke:#e3e3e3}.axis{stroke:#777}\
        .curve{fill:none;stroke-width:2;stroke-linejoin:round}\
        .curve.a{stroke:#0072b2}.curve.b{stroke:#d55e00;stroke-dasharray:7 3}.curve.c{stroke:#009e73;stroke-dasharray:2 3}\
        .dot.a{fill:#0072b2}.dot.b{fill:#d55e00}.dot.c{fill:#009e73}\
        @media (prefers-color-scheme:dark){text{fill:#ccc}.title{fill:#eee}.paper{fill:#16181b}.grid{stroke:#333}\
        .axis{stroke:#888}.curve.a{stroke:#56b4e9}.curve.b{stroke:#e69f00}.curve.c{stroke:#2dc99c}\
        .dot.a{fill:#56b4e9}.dot.b{fill:#e69f00}.dot.c{fill:#2dc99c}}
        """
}

/// A pair of axes with their lines, title and legend.
struct CurvePanel {
    let title: String
    /// Values that the y axis holds in any case.
    let minimumRange: ClosedRange<Double>?
    /// The lines that have points.
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
    ///   - epochs: the values of the x axis.
    ///   - corner: the panel's upper left corner.
    func markup(epochs: ClosedRange<Double>, at corner: Point) -> Markup {
        let xAxis = Axis(epochs, from: Self.left, to: Self.right, intervals: 8, isWhole: true, isTight: true)
        let values = Axis.range(of: series.flatMap { $0.points.map(\.y) }, atLeast: minimumRange)
        let yAxis = Axis(values, from: Self.floor, to: Self.top, intervals: 5)
        var shapes = [SVG.text(title, at: Point(x: Self.left, y: 18), class: "title")] + legend()
        for tick in yAxis.ticks {
            let y = yAxis.position(tick)
            shapes.append(SVG.line(Point(x: Self.left, y: y), Point(x: Self.right, y: y), class: "grid"))
            shapes.append(SVG.text(yAxis.label(tick), at: Point(x: Self.left - 8, y: y + 4), anchor: .end))
        }
        shapes.append(
            SVG.line(Point(x: Self.left, y: Self.floor), Point(x: Self.right, y: Self.floor), class: "axis"))
        for tick in xAxis.ticks {
            let x = xAxis.position(tick)
            shapes.append(SVG.line(Point(x: x, y: Self.floor), Point(x: x, y: Self.floor + 4), class: "axis"))
            shapes.append(SVG.text(xAxis.label(tick), at: Point(x: x, y: Self.floor + 18), anchor: .middle))
        }
        let middle = (Self.left + Self.right) / 2
        shapes.append(SVG.text("epoch", at: Point(x: middle, y: Self.floor + 36), anchor: .middle))
        shapes += series.map { series in
            Self.curve(series, series.points.map { Point(x: xAxis.position($0.x), y: yAxis.position($0.y)) })
        }
        return SVG.group(shapes, at: corner)
    }

    private func legend() -> [Markup] {
        var shapes: [Markup] = []
        var x = Self.left
        for series in series {
            let end = x + Self.legendLine
            shapes.append(
                SVG.line(Point(x: x, y: 36), Point(x: end, y: 36), class: "curve \(series.style.rawValue)"))
            shapes.append(SVG.text(series.name, at: Point(x: end + 6, y: 40)))
            x = end + 6 + Double(series.name.count) * Self.letterWidth + 16
        }
        return shapes
    }

    private static func curve(_ series: CurveSeries, _ points: [Point]) -> Markup {
        // A line needs two points.
        if points.count == 1 { return SVG.circle(points[0], radius: 3, class: "dot \(series.style.rawValue)") }
        return SVG.polyline(points, class: "curve \(series.style.rawValue)")
    }
}

/// A line of a plot.
struct CurveSeries {
    /// Colours and dashes: each of them tells lines apart.
    enum Style: String, CaseIterable {
        case first = "a"
        case second = "b"
        case third = "c"
    }

    let name: String
    let style: Style
    /// By ascending x.
    let points: [(x: Double, y: Double)]
}
