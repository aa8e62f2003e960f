import ConvNetAIG
import Foundation

/// Draws the blocks of a route, a row at a time: each block as a box on the path, or beside it where the path goes round, and
/// below it what deciding otherwise would have changed.
struct RouteCells {
    private let graph: InferenceGraph
    /// By block.
    private let flips: [Int: Explanation.Flip]
    /// What a bar of full height means, in nats.
    private let scale: Double

    /// - Parameter scale: positive.
    init(_ explanation: Explanation, scale: Double) {
        graph = explanation.graph
        flips = Dictionary(explanation.flips.map { ($0.block, $0) }) { first, _ in first }
        self.scale = scale
    }

    /// With room for the class that a flip leads to, where one leads to another.
    var rowHeight: Double {
        flips.isEmpty ? 104 : flips.values.contains(where: \.changesPrediction) ? 192 : 178
    }

    // Heights within a row.
    private static let labelY = 12.0
    private static let detourY = 26.0
    private static let boxY = 36.0
    private static let boxHeight = 42.0
    private static let pathY = boxY + boxHeight / 2
    private static let axisY = 126.0
    private static let barHeight = 38.0

    private static let boxWidth = 68.0
    private static let barWidth = 36.0
    private static let classLimit = 12

    /// - Parameters:
    ///   - x: where the first block's cell begins.
    ///   - y: the row's upper edge.
    func svg(_ row: [RouteLayout.Segment], isFirst: Bool, isLast: Bool, x: Double, y: Double) -> [String] {
        let pathY = SVGText.number(Self.pathY)
        func path(_ from: Double, _ to: Double) -> String {
            "<path class=\"path\" d=\"M\(SVGText.number(from)) \(pathY)H\(SVGText.number(to))\"/>"
        }
        var lines = ["<g transform=\"translate(\(SVGText.number(x)) \(SVGText.number(y)))\">"]
        var end = -ExplanationPlot.lead
        if isFirst { lines.append("<circle class=\"head\" cx=\"\(SVGText.number(end))\" cy=\"\(pathY)\" r=\"5\"/>") }
        for segment in row {
            lines.append(
                "<text class=\"small strong\" x=\"\(SVGText.number(segment.x + 12))\" y=\"\(SVGText.number(Self.labelY))\">"
                    + "\(segment.label)</text>")
            lines.append(path(end, segment.x))
            for (index, block) in segment.blocks.enumerated() {
                lines += cell(block, left: segment.x + Double(index) * RouteLayout.cellWidth)
            }
            end = segment.x + Double(segment.blocks.count) * RouteLayout.cellWidth
        }
        let tip = end + ExplanationPlot.lead - 4
        lines.append(path(end, tip - 8))
        // An arrow at the end, and dashes where the path goes on in the next row.
        lines.append(
            isLast
                ? "<path class=\"head\" d=\"M\(SVGText.number(tip)) \(pathY)l-12 -7v14z\"/>"
                : "<path class=\"path\" stroke-dasharray=\"3 3\" d=\"M\(SVGText.number(tip - 5)) \(pathY)h12\"/>")
        lines.append("</g>")
        return lines
    }

    private func cell(_ block: ResidualBlock, left: Double) -> [String] {
        let runs = block.index < graph.executed.count ? graph.executed[block.index] : true
        let flip = flips[block.index]
        let center = left + RouteLayout.cellWidth / 2
        let (boxLeft, boxRight) = (center - Self.boxWidth / 2, center + Self.boxWidth / 2)
        let right = left + RouteLayout.cellWidth
        let pathY = SVGText.number(Self.pathY)
        func number(_ value: Double) -> String { SVGText.number(value) }
        func text(_ text: String, _ y: Double, _ kind: String) -> String {
            "<text class=\"\(kind)\" x=\"\(number(center))\" y=\"\(number(y))\" text-anchor=\"middle\">\(text)</text>"
        }
        let route =
            runs
            ? "M\(number(left)) \(pathY)H\(number(boxLeft))M\(number(boxRight)) \(pathY)H\(number(right))"
            // Round the box with corners of a radius of 8.
            : "M\(number(left)) \(pathY)h2q4 0 4 -8V\(number(Self.detourY + 8))q0 -8 8 -8H\(number(right - 14))"
                + "q8 0 8 8V\(number(Self.pathY - 8))q0 8 4 8H\(number(right))"
        var lines = [
            "<g class=\"block \(runs ? "run" : "skip")\"><title>\(description(of: block, runs: runs, flip))</title>",
            "<path class=\"path\" d=\"\(route)\"/>",
            "<rect class=\"box\" x=\"\(number(boxLeft))\" y=\"\(number(Self.boxY))\" width=\"\(number(Self.boxWidth))\" "
                + "height=\"\(number(Self.boxHeight))\" rx=\"5\"/>",
            text(block.name, Self.boxY + 17, "small inside"),
            text(flip.map { String(format: "p %.2f", $0.gateProbability) } ?? "always", Self.boxY + 33, "small inside"),
        ]
        if let flip { lines += effect(flip, center: center, text: text) }
        lines.append("</g>")
        return lines
    }

    private func effect(_ flip: Explanation.Flip, center: Double, text: (String, Double, String) -> String) -> [String]
    {
        let height = Self.barHeight * min(flip.klDivergence / scale, 1)
        let axis = SVGText.number(Self.axisY)
        var lines = [
            "<rect class=\"bar\(flip.changesPrediction ? " changes" : "")\" "
                + "x=\"\(SVGText.number(center - Self.barWidth / 2))\" y=\"\(SVGText.number(Self.axisY - height))\" "
                + "width=\"\(SVGText.number(Self.barWidth))\" height=\"\(SVGText.number(height))\"/>",
            "<line class=\"axis\" x1=\"\(SVGText.number(center - 30))\" x2=\"\(SVGText.number(center + 30))\" "
                + "y1=\"\(axis)\" y2=\"\(axis)\"/>",
            text("KL " + Self.nats(flip.klDivergence), Self.axisY + 16, "small"),
            text(Self.points(flip.probabilityChange) + " pt", Self.axisY + 31, "small"),
        ]
        if flip.changesPrediction, let candidate = flip.candidates.first {
            lines.append(
                text(
                    "→ " + SVGText.escaped(candidate.label, limit: Self.classLimit), Self.axisY + 46, "small strong"))
        }
        return lines
    }

    /// Shown where the pointer rests.
    private func description(of block: ResidualBlock, runs: Bool, _ flip: Explanation.Flip?) -> String {
        let state = "\(block.name): \(runs ? "ran" : "skipped")"
        guard let flip else { return "\(state), has no gate" }
        let outcome =
            flip.candidates.first.map { SVGText.escaped($0.label) + String(format: " %.1f %%", 100 * $0.probability) }
        return state + String(format: ", probability of running %.3f; ", flip.gateProbability)
            + "\(flip.wasOpen ? "skipped" : "run"), the likeliest class is \(outcome ?? "not known"), "
            + String(
                format: "KL divergence %.4f nats, change %+.2f points", flip.klDivergence, 100 * flip.probabilityChange)
    }

    private static func points(_ change: Double) -> String {
        let text = String(format: "%+.1f", 100 * change)
        return text == "-0.0" || text == "+0.0" ? "0.0" : text
    }

    private static func nats(_ value: Double) -> String { String(format: value < 10 ? "%.3f" : "%.1f", value) }
}
