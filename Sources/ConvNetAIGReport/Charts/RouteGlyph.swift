/// A graph as a row of marks, one for each block: filled where the block ran, hollow where it was skipped, a small dot
/// where there is no gate. A gap separates stages; deep networks take a row for each stage.
struct RouteGlyph: Sendable {
    private static let side = 10.0
    private static let pitch = 12.0
    private static let stageGap = 6.0
    /// More blocks than this do not fit beside a picture.
    private static let longestRow = 16

    private let blocks: [ModelFigures.Block]

    init(_ blocks: [ModelFigures.Block]) {
        self.blocks = blocks
    }

    func svg(_ route: [Bool]) -> Markup {
        var marks: [Markup] = []
        var (x, y, right) = (0.0, 0.0, 0.0)
        let isTall = blocks.count > Self.longestRow
        var inRow = 0
        for (index, block) in blocks.enumerated() {
            if index > 0 {
                let isNewStage = block.stage != blocks[index - 1].stage
                if isTall && (isNewStage || inRow == Self.longestRow) {
                    (x, y, inRow) = (0, y + Self.pitch, 0)
                } else if isNewStage {
                    x += Self.stageGap
                }
            }
            marks.append(mark(block, ran: route[ifPresent: index] ?? false, at: Place(x: x, y: y)))
            x += Self.pitch
            inRow += 1
            right = max(right, x)
        }
        let label = Self.words(route, blocks)
        return SVG.picture(
            width: max(right, Self.pitch), height: y + Self.pitch, label: label, class: "route", marks)
    }

    /// What the glyph shows.
    static func words(_ route: [Bool], _ blocks: [ModelFigures.Block]) -> String {
        let skipped = zip(blocks, route).filter { !$1 }.map(\.0.name)
        let ran = route.count { $0 }
        let beginning = "\(ran) of \(NumberText.count(route.count, "block")) ran"
        if skipped.isEmpty { return beginning }
        if skipped.count > 12 { return beginning }
        return beginning + "; skipped: " + skipped.joined(separator: ", ")
    }

    private func mark(_ block: ModelFigures.Block, ran: Bool, at corner: Place) -> Markup {
        let center = Place(x: corner.x + Self.pitch / 2, y: corner.y + Self.pitch / 2)
        guard block.isGated else { return SVG.circle(center, radius: 3, class: "always", title: block.name) }
        let side = ran ? Self.side : Self.side - 1.5
        let box = Box(x: center.x - side / 2, y: center.y - side / 2, width: side, height: side)
        return SVG.rectangle(box, class: ran ? "ran" : "skipped", title: block.name)
    }
}
