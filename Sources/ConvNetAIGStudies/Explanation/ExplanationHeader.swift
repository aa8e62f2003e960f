import Charts
import ConvNetAIG
import Foundation

/// The part above the route: the image, the network's prediction and its cost, and the legend.
struct ExplanationHeader {
    let plot: ExplanationPlot
    /// The divergence that a bar of full height stands for, in nats.
    let scale: Double

    private static let imageSize = 112.0
    private static let classesX = 640.0
    private static let barX = 760.0
    private static let barWidth = 120.0
    private static let shownClasses = 5
    private static let legendY = 160.0

    var height: Double { plot.explanation.flips.isEmpty ? 184 : 206 }

    var markup: [Markup] { image + summary + classes + legend }

    private var image: [Markup] {
        guard let image = plot.image else { return [] }
        let box = Box(x: ExplanationPlot.margin, y: 20, width: Self.imageSize, height: Self.imageSize)
        return [SVG.image(image.url, in: box), SVG.rectangle(box, class: "frame")]
    }

    /// Beside the image, if there is one.
    private var summary: [Markup] {
        let x = ExplanationPlot.margin + (plot.image == nil ? 0 : Self.imageSize + 20)
        let room = Self.classesX - x - 20
        func line(_ text: String, _ y: Double) -> Markup {
            SVG.text(TextWidth.shortened(text, to: Int(room / 7)), at: Point(x: x, y: y))
        }
        let graph = plot.explanation.graph
        let shares = String(
            format: "%.1f of %.1f million MACs (%.1f %%)", Double(graph.macs) / 1e6, Double(graph.denseMACs) / 1e6,
            100 * Double(graph.macs) / Double(max(graph.denseMACs, 1)))
        var lines = [
            SVG.text(
                TextWidth.shortened(plot.title, to: Int(room / 9.5)), at: Point(x: x, y: 36), class: "title"),
            line("\(plot.architecture.name), gates by \(plot.policy)", 60),
            line("ran \(graph.executed.count { $0 }) of \(graph.executed.count) blocks", 82),
            line(shares, 100),
        ]
        let flips = plot.explanation.flips
        if !flips.isEmpty {
            let changing = flips.count { $0.changesPrediction }
            let outcome = "\(changing) of \(flips.count) gates decide the class: see →"
            lines.append(line(changing == 0 ? "no single gate decides the class" : outcome, 122))
        }
        return lines
    }

    private var classes: [Markup] {
        plot.explanation.topClasses.prefix(Self.shownClasses).enumerated().flatMap { index, score in
            let y = 36 + 22 * Double(index)
            let kind = index == 0 ? "label strong" : "label"
            let width = Self.barWidth * Double(score.probability)
            return [
                SVG.text(
                    TextWidth.shortened(score.label, to: 16), at: Point(x: Self.barX - 8, y: y), anchor: .end,
                    class: kind),
                SVG.rectangle(Box(x: Self.barX, y: y - 10, width: width, height: 12), class: "class"),
                SVG.text(
                    String(format: "%.1f %%", 100 * score.probability),
                    at: Point(x: Self.barX + width + 6, y: y), class: kind),
            ]
        }
    }

    /// Two lines, the second about flips.
    private var legend: [Markup] {
        let (first, second) = (Self.legendY, Self.legendY + 22)
        func label(_ text: String, _ x: Double, _ y: Double) -> Markup {
            SVG.text(text, at: Point(x: x, y: y), class: "small")
        }
        func block(_ kind: String, _ x: Double) -> Markup {
            let box = Box(x: x, y: first - 11, width: 22, height: 14)
            return SVG.group([SVG.roundedRectangle(box, radius: 3, class: "box")], class: kind)
        }
        func bar(_ kind: String, _ x: Double) -> Markup {
            SVG.rectangle(Box(x: x, y: second - 11, width: 14, height: 13), class: kind)
        }
        let route = [
            block("run", 24), label("ran", 52, first),
            block("skip", 88), label("skipped: the path goes round", 116, first),
        ]
        guard !plot.explanation.flips.isEmpty else { return route }
        let later = plot.explanation.laterGates == .held ? "all others held" : "later gates deciding again"
        return route + [
            label("p: probability of running", 310, first),
            label("pt: what the probability of the likeliest class gains, in points", 480, first),
            bar("bar", 28),
            label(
                "effect of this gate deciding otherwise, \(later): KL divergence in nats, full height "
                    + String(format: "%.2f", scale), 52, second),
            bar("bar changes", 720),
            label("→ the class it would be", 742, second),
        ]
    }
}
