import ConvNetAIG

/// Where the blocks of a route are drawn: one after the other, stages set apart, in as many rows as it takes.
struct RouteLayout {
    /// Blocks of one stage that stand side by side.
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
    /// Room for so many blocks of three stages.
    static let rowWidth = Double(blocksInRow) * cellWidth + 2 * stageGap
    /// A generous guess at the width of a letter of a label.
    private static let letterWidth = 6.6

    /// A stage begins beside the one before if all of it fits there, and else in a new row.
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
