import ConvNetAIG
import Foundation

/// What stands above the route: the picture, what the network says of it and at what cost, and how to read the rest.
struct ExplanationHeader {
    let plot: ExplanationPlot
    /// What a bar of full height means, in nats.
    let scale: Double

    private static let pictureSize = 112.0
    private static let classesX = 640.0
    private static let barX = 760.0
    private static let barWidth = 120.0
    private static let shownClasses = 5
    private static let legendY = 160.0

    var height: Double { plot.explanation.flips.isEmpty ? 184 : 206 }

    func svg() -> [String] {
        let margin = ExplanationPlot.margin
        var lines: [String] = []
        var x = margin
        if let picture = plot.picture {
            let size = SVGText.number(Self.pictureSize)
            let place = "x=\"\(SVGText.number(margin))\" y=\"20\" width=\"\(size)\" height=\"\(size)\""
            lines.append("<image \(place) href=\"\(picture.url)\"/>")
            lines.append("<rect class=\"frame\" \(place)/>")
            x += Self.pictureSize + 20
        }
        func text(_ text: String, _ y: Double, _ kind: String = "", limit: Int) {
            lines.append(
                "<text\(kind.isEmpty ? "" : " class=\"\(kind)\"") x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y))\">"
                    + "\(SVGText.escaped(text, limit: limit))</text>")
        }
        let graph = plot.explanation.graph
        let room = Self.classesX - x - 20
        text(plot.title, 36, "title", limit: Int(room / 9.5))
        let limit = Int(room / 7)
        text("\(plot.architecture.name), gates by \(plot.policy)", 60, limit: limit)
        text("ran \(graph.executed.count { $0 }) of \(graph.executed.count) blocks", 82, limit: limit)
        text(
            String(
                format: "%.1f of %.1f million MACs (%.1f %%)", Double(graph.macs) / 1e6, Double(graph.denseMACs) / 1e6,
                100 * Double(graph.macs) / Double(max(graph.denseMACs, 1))), 100, limit: limit)
        let flips = plot.explanation.flips
        if !flips.isEmpty {
            let changing = flips.count { $0.changesPrediction }
            let outcome = "\(changing) of \(flips.count) gates decide the class: see →"
            text(changing == 0 ? "no single gate decides the class" : outcome, 122, limit: limit)
        }
        return lines + classes() + legend()
    }

    private func classes() -> [String] {
        plot.explanation.candidates.prefix(Self.shownClasses).enumerated().flatMap { index, candidate in
            let y = 36 + 22 * Double(index)
            let kind = index == 0 ? " class=\"strong\"" : ""
            let end = Self.barX + Self.barWidth * Double(candidate.probability)
            return [
                "<text\(kind) x=\"\(SVGText.number(Self.barX - 8))\" y=\"\(SVGText.number(y))\" text-anchor=\"end\">"
                    + "\(SVGText.escaped(candidate.label, limit: 16))</text>",
                "<rect class=\"class\" x=\"\(SVGText.number(Self.barX))\" y=\"\(SVGText.number(y - 10))\" "
                    + "width=\"\(SVGText.number(end - Self.barX))\" height=\"12\"/>",
                "<text\(kind) x=\"\(SVGText.number(end + 6))\" y=\"\(SVGText.number(y))\">"
                    + "\(String(format: "%.1f %%", 100 * candidate.probability))</text>",
            ]
        }
    }

    /// In two lines, the second on flips.
    private func legend() -> [String] {
        func label(_ text: String, _ x: Double, _ y: Double) -> String {
            "<text class=\"small\" x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y))\">\(text)</text>"
        }
        let (first, second) = (Self.legendY, Self.legendY + 22)
        let top = SVGText.number(first - 11)
        let lines = [
            "<g class=\"run\"><rect class=\"box\" x=\"24\" y=\"\(top)\" width=\"22\" height=\"14\" rx=\"3\"/></g>",
            label("ran", 52, first),
            "<g class=\"skip\"><rect class=\"box\" x=\"88\" y=\"\(top)\" width=\"22\" height=\"14\" rx=\"3\"/></g>",
            label("skipped: the path goes round", 116, first),
        ]
        guard !plot.explanation.flips.isEmpty else { return lines }
        let later = plot.explanation.laterGates == .held ? "all others held" : "later gates deciding again"
        let barTop = SVGText.number(second - 11)
        return lines + [
            label("p: probability of running", 310, first),
            label("pt: what the probability of the likeliest class gains, in points", 480, first),
            "<rect class=\"bar\" x=\"28\" y=\"\(barTop)\" width=\"14\" height=\"13\"/>",
            label(
                "effect of this gate deciding otherwise, \(later): KL divergence in nats, full height "
                    + String(format: "%.2f", scale), 52, second),
            "<rect class=\"bar changes\" x=\"720\" y=\"\(barTop)\" width=\"14\" height=\"13\"/>",
            label("→ the class it would be", 742, second),
        ]
    }
}
