import ConvNetAIG
import ConvNetAIGReport
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

    /// - Parameter place: where the first block's cell begins, and the row's upper edge.
    func markup(_ row: [RouteLayout.Segment], isFirst: Bool, isLast: Bool, at place: Place) -> Markup {
        func path(_ from: Double, _ to: Double) -> Markup {
            SVG.path("M\(SVG.number(from)) \(SVG.number(Self.pathY))H\(SVG.number(to))", class: "path")
        }
        var end = -ExplanationPlot.lead
        var shapes = isFirst ? [SVG.circle(Place(x: end, y: Self.pathY), radius: 5, class: "head")] : []
        for segment in row {
            shapes.append(
                SVG.text(segment.label, at: Place(x: segment.x + 12, y: Self.labelY), class: "small strong"))
            shapes.append(path(end, segment.x))
            shapes += segment.blocks.enumerated().map { index, block in
                cell(block, left: segment.x + Double(index) * RouteLayout.cellWidth)
            }
            end = segment.x + Double(segment.blocks.count) * RouteLayout.cellWidth
        }
        let tip = end + ExplanationPlot.lead - 4
        shapes.append(path(end, tip - 8))
        // An arrow at the end, and dashes where the path goes on in the next row.
        shapes.append(
            isLast
                ? SVG.path("M\(SVG.number(tip)) \(SVG.number(Self.pathY))l-12 -7v14z", class: "head")
                : SVG.path("M\(SVG.number(tip - 5)) \(SVG.number(Self.pathY))h12", class: "path onward"))
        return SVG.group(shapes, at: place)
    }

    private func cell(_ block: ResidualBlock, left: Double) -> Markup {
        let runs = block.index < graph.executed.count ? graph.executed[block.index] : true
        let flip = flips[block.index]
        let center = left + RouteLayout.cellWidth / 2
        let box = Box(x: center - Self.boxWidth / 2, y: Self.boxY, width: Self.boxWidth, height: Self.boxHeight)
        let probability = flip.map { String(format: "p %.2f", $0.gateProbability) } ?? "always"
        return SVG.group(
            [
                SVG.path(runs ? through(box, left: left) : around(left: left), class: "path"),
                SVG.roundedRectangle(box, radius: 5, class: "box"),
                Self.text(block.name, Place(x: center, y: Self.boxY + 17), "small inside"),
                Self.text(probability, Place(x: center, y: Self.boxY + 33), "small inside"),
            ] + (flip.map { effect($0, center: center) } ?? []),
            class: runs ? "block run" : "block skip", title: description(of: block, runs: runs, flip))
    }

    private func through(_ box: Box, left: Double) -> String {
        let pathY = SVG.number(Self.pathY)
        return "M\(SVG.number(left)) \(pathY)H\(SVG.number(box.x))"
            + "M\(SVG.number(box.x + box.width)) \(pathY)H\(SVG.number(left + RouteLayout.cellWidth))"
    }

    /// Round the box, with corners of a radius of 8.
    private func around(left: Double) -> String {
        let right = left + RouteLayout.cellWidth
        return "M\(SVG.number(left)) \(SVG.number(Self.pathY))h2q4 0 4 -8V\(SVG.number(Self.detourY + 8))"
            + "q0 -8 8 -8H\(SVG.number(right - 14))q8 0 8 8V\(SVG.number(Self.pathY - 8))q0 8 4 8H\(SVG.number(right))"
    }

    private func effect(_ flip: Explanation.Flip, center: Double) -> [Markup] {
        let height = Self.barHeight * min(flip.klDivergence / scale, 1)
        let bar = Box(x: center - Self.barWidth / 2, y: Self.axisY - height, width: Self.barWidth, height: height)
        var shapes = [
            SVG.rectangle(bar, class: flip.changesPrediction ? "bar changes" : "bar"),
            SVG.line(Place(x: center - 30, y: Self.axisY), Place(x: center + 30, y: Self.axisY), class: "axis"),
            Self.text(
                "KL " + EffectText.nats(flip.klDivergence), Place(x: center, y: Self.axisY + 16), "small"),
            Self.text(
                EffectText.points(flip.probabilityChange) + " pt", Place(x: center, y: Self.axisY + 31), "small"),
        ]
        if flip.changesPrediction, let candidate = flip.candidates.first {
            shapes.append(
                Self.text(
                    "→ " + TextWidth.shortened(candidate.label, to: Self.classLimit),
                    Place(x: center, y: Self.axisY + 46), "small strong"))
        }
        return shapes
    }

    private static func text(_ text: String, _ place: Place, _ kind: String) -> Markup {
        SVG.text(text, at: place, anchor: .middle, class: kind)
    }

    /// Shown where the pointer rests.
    private func description(of block: ResidualBlock, runs: Bool, _ flip: Explanation.Flip?) -> String {
        let state = "\(block.name): \(runs ? "ran" : "skipped")"
        guard let flip else { return "\(state), has no gate" }
        let outcome =
            flip.candidates.first.map { $0.label + String(format: " %.1f %%", 100 * $0.probability) }
        return state + String(format: ", probability of running %.3f; ", flip.gateProbability)
            + "\(flip.wasOpen ? "skipped" : "run"), the likeliest class is \(outcome ?? "not known"), "
            + String(
                format: "KL divergence %.4f nats, change %+.2f points", flip.klDivergence, 100 * flip.probabilityChange)
    }
}
