import ConvNetAIG
import ConvNetAIGReport
import FileSystem

/// The course of a training run as an SVG image: losses, accuracies, how much of the network ran, and the learning rate,
/// over the epochs. The same metrics give the same text.
public struct CurvePlot: Sendable, Hashable {
    private let metrics: [EpochMetrics]

    public init(_ metrics: [EpochMetrics]) {
        self.metrics = metrics
    }

    /// Writes the image, complete or not at all.
    /// - Throws: `FileError.unwritable`.
    public func write(to path: String) throws {
        try AtomicFile.write(Array(svg().utf8), to: path)
    }

    public func svg() -> String {
        let gap = 10.0
        let (width, height) = (2 * CurvePanel.width + 3 * gap, 2 * CurvePanel.height + 3 * gap)
        let epochs = metrics.map { Double($0.epoch) }
        let range = (epochs.min() ?? 1)...(epochs.max() ?? 1)
        let paper = SVG.rectangle(Box(x: 0, y: 0, width: width, height: height), class: "paper")
        let shapes = panels.enumerated().map { index, panel in
            let place = Place(
                x: gap + Double(index % 2) * (CurvePanel.width + gap),
                y: gap + Double(index / 2) * (CurvePanel.height + gap))
            return panel.markup(epochs: range, at: place)
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

    /// Colours of Okabe and Ito, which colour-blind people can tell apart, and lighter ones on dark backgrounds.
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
