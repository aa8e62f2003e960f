import Charts

/// A graph as a row of marks, one for each block: filled where the block ran, hollow where it was skipped, a small dot
/// where there is no gate. A gap separates stages; deep networks take a row for each stage.
struct RouteGlyph: Sendable {
    private static let side = 8.5
    private static let pitch = 10.0
    private static let stageGap = 5.0
    /// The most blocks that stand side by side; networks with more have a row for each stage.
    private static let longestRow = 16
    /// The most blocks of a stage in one row.
    private static let longestStage = 20

    private let blocks: [ModelFigures.Block]

    init(_ blocks: [ModelFigures.Block]) {
        self.blocks = blocks
    }

    func svg(_ route: [Bool]) -> Markup {
        let marks = zip(blocks.indices, corners).map { index, place in
            mark(blocks[index], ran: route[ifPresent: index] ?? false, at: place)
        }
        return SVG.image(
            width: width, height: (corners.map(\.y).max() ?? 0) + Self.pitch, label: Self.words(route, blocks),
            class: "route", marks)
    }

    /// The glyph's width.
    var width: Double { (corners.map(\.x).max() ?? 0) + Self.pitch }

    /// The upper left corner of each block's mark.
    private var corners: [Point] {
        var result: [Point] = []
        var (next, inRow, rowLength) = (Point(x: 0, y: 0), 0, Int.max)
        let isTall = blocks.count > Self.longestRow
        var stages = BlockLabels.stages(blocks)[...]
        for (index, block) in blocks.enumerated() {
            let isNewStage = index > 0 && block.stage != blocks[index - 1].stage
            if isTall, index == stages.first?.blocks.lowerBound, let stage = stages.popFirst() {
                // The rows of a stage are equally long, except for the last.
                let rows = (stage.blocks.count + Self.longestStage - 1) / Self.longestStage
                rowLength = (stage.blocks.count + rows - 1) / rows
            }
            if isTall && index > 0 && (isNewStage || inRow == rowLength) {
                (next, inRow) = (Point(x: 0, y: next.y + Self.pitch), 0)
            } else if isNewStage {
                next.x += Self.stageGap
            }
            result.append(next)
            next.x += Self.pitch
            inRow += 1
        }
        return result
    }

    /// The route in words.
    static func words(_ route: [Bool], _ blocks: [ModelFigures.Block]) -> String {
        let skipped = zip(blocks, route).filter { !$1 }.map(\.0.name)
        let ran = route.count { $0 }
        let beginning = "\(ran) of \(NumberText.count(route.count, "block")) ran"
        if skipped.isEmpty { return beginning }
        if skipped.count > 12 { return beginning }
        return beginning + "; skipped: " + skipped.joined(separator: ", ")
    }

    private func mark(_ block: ModelFigures.Block, ran: Bool, at corner: Point) -> Markup {
        let center = Point(x: corner.x + Self.pitch / 2, y: corner.y + Self.pitch / 2)
        guard block.isGated else { return SVG.circle(center, radius: 3, class: "always", title: block.name) }
        let side = ran ? Self.side : Self.side - 1.5
        let box = Box(x: center.x - side / 2, y: center.y - side / 2, width: side, height: side)
        return SVG.rectangle(box, class: ran ? "ran" : "skipped", title: block.name)
    }
}
