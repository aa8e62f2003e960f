import Charts
import ConvNetAIG
import Foundation

/// Draws the blocks of a route, a row at a time: each block as a box on the path, or beside the path if it was skipped, and
/// below it the effect of its gate deciding otherwise.
struct RouteCells {
    private let graph: InferenceGraph
    /// The flips by their blocks.
    private let flips: [Int: Explanation.Flip]
    /// The divergence that a bar of full height stands for, in nats.
    private let scale: Double

    /// - Parameter scale: positive.
    init(_ explanation: Explanation, scale: Double) {
        graph = explanation.graph
        flips = Dictionary(explanation.flips.map { ($0.block, $0) }) { first, _ in first }
        self.scale = scale
    }

    /// Includes room for the class that a flip leads to, if any flip leads to another class.
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

    /// - Parameter corner: the upper left corner of the first block's cell.
    func markup(_ row: [RouteLayout.Segment], isFirst: Bool, isLast: Bool, at corner: Point) -> Markup {
        func path(_ from: Double, _ to: Double) -> Markup {
            SVG.path("M\(SVG.number(from)) \(SVG.number(Self.pathY))H\(SVG.number(to))", class: "path")
        }
        var end = -ExplanationPlot.lead
        var shapes = isFirst ? [SVG.circle(Point(x: end, y: Self.pathY), radius: 5, class: "head")] : []
        for segment in row {
            shapes.append(
                SVG.text(segment.label, at: Point(x: segment.x + 12, y: Self.labelY), class: "small strong"))
            shapes.append(path(end, segment.x))
            shapes += segment.blocks.enumerated().map { index, block in
                cell(block, left: segment.x + Double(index) * RouteLayout.cellWidth)
            }
            end = segment.x + Double(segment.blocks.count) * RouteLayout.cellWidth
        }
        let tip = end + ExplanationPlot.lead - 4
        shapes.append(path(end, tip - 8))
        // An arrow at the end, and dashes if the path goes on in the next row.
        shapes.append(
            isLast
                ? SVG.path("M\(SVG.number(tip)) \(SVG.number(Self.pathY))l-12 -7v14z", class: "head")
                : SVG.path("M\(SVG.number(tip - 5)) \(SVG.number(Self.pathY))h12", class: "path onward"))
        return SVG.group(shapes, at: corner)
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
                Self.text(block.name, Point(x: center, y: Self.boxY + 17), "small inside"),
                Self.text(probability, Point(x: center, y: Self.boxY + 33), "small inside"),
            ] + (flip.map { effect($0, center: center) } ?? []),
            class: runs ? "block run" : "block skip", title: description(of: block, runs: runs, flip))
    }

    private func through(_ box: Box, left: Double) -> String {
        let pathY = SVG.number(Self.pathY)
        return "M\(SVG.number(left)) \(pathY)H\(SVG.number(box.x))"
            + "M\(SVG.number(box.x + box.width)) \(pathY)H\(SVG.number(left + RouteLayout.cellWidth))"
    }

    /// The path around the box, with corners of a radius of 8.
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
            SVG.line(Point(x: center - 30, y: Self.axisY), Point(x: center + 30, y: Self.axisY), class: "axis"),
            Self.text(
                "KL " + EffectText.nats(flip.klDivergence), Point(x: center, y: Self.axisY + 16), "small"),
            Self.text(
                EffectText.points(flip.probabilityChange) + " pt", Point(x: center, y: Self.axisY + 31), "small"),
        ]
        if flip.changesPrediction, let score = flip.topClasses.first {
            shapes.append(
                Self.text(
                    "→ " + TextWidth.shortened(score.label, to: Self.classLimit),
                    Point(x: center, y: Self.axisY + 46), "small strong"))
        }
        return shapes
    }

    private static func text(_ text: String, _ point: Point, _ kind: String) -> Markup {
        SVG.text(text, at: point, anchor: .middle, class: kind)
    }

    /// The text that is shown when the pointer is on the block.
    private func description(of block: ResidualBlock, runs: Bool, _ flip: Explanation.Flip?) -> String {
        let state = "\(block.name): \(runs ? "ran" : "skipped")"
        guard let flip else { return "\(state), has no gate" }
        let outcome =
            flip.topClasses.first.map { $0.label + String(format: " %.1f %%", 100 * $0.probability) }
        return state + String(format: ", probability of running %.3f; ", flip.gateProbability)
            + "\(flip.wasOpen ? "skipped" : "run"), the likeliest class is \(outcome ?? "not known"), "
            + String(
                format: "KL divergence %.4f nats, change %+.2f points", flip.klDivergence, 100 * flip.probabilityChange)
    }
}

/// The positions of a route's blocks: one after the other, with gaps between stages, in as many rows as necessary.
struct RouteLayout {
    /// Blocks of a stage that stand side by side.
    struct Segment {
        let label: String
        let blocks: [ResidualBlock]
        let x: Double
        let width: Double
    }

    /// From the top.
    let rows: [[Segment]]

    static let cellWidth = 92.0
    static let stageGap = 26.0
    private static let blocksInRow = 9
    /// Room for a full row of blocks of three stages.
    static let rowWidth = Double(blocksInRow) * cellWidth + 2 * stageGap
    /// A generous guess at the width of a letter of a label.
    private static let letterWidth = 6.6

    /// Starts a stage beside the stage before it if all of it fits there, and in a new row otherwise.
    init(_ blocks: [ResidualBlock]) {
        var rows: [[Segment]] = []
        for stage in Dictionary(grouping: blocks, by: \.stage).sorted(by: { $0.key < $1.key }).map(\.value) {
            for start in stride(from: 0, to: stage.count, by: Self.blocksInRow) {
                let part = Array(stage[start..<min(start + Self.blocksInRow, stage.count)])
                let first = part[0]
                let label =
                    "layer\(first.stage): \(first.outputChannels) x \(first.outputHeight) x \(first.outputWidth)"
                    + (start == 0 ? "" : ", continued")
                let width = max(Double(part.count) * Self.cellWidth, Double(label.count) * Self.letterWidth)
                let end = rows.last?.last.map { $0.x + $0.width + Self.stageGap }
                if let end, end + width <= Self.rowWidth, stage.count <= Self.blocksInRow {
                    rows[rows.count - 1].append(Segment(label: label, blocks: part, x: end, width: width))
                } else {
                    rows.append([Segment(label: label, blocks: part, x: 0, width: width)])
                }
            }
        }
        self.rows = rows
    }
}
