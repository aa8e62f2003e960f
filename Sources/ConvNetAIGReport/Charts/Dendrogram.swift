/// How classes merge into clusters: each joint stands at the distance of the two that it joins.
struct Dendrogram: Sendable {
    var labels: ClassLabels
    var merges: [SimilarityFigures.Merge]
    /// Where the leaves stand.
    var left: Double
    var right: Double
    /// The middle of each row.
    var rows: [Double]

    static let footHeight = 44.0

    func markup() -> [Markup] {
        guard let last = rows.last, !merges.isEmpty else { return [] }
        let distances = merges.map(\.distance).filter(\.isFinite)
        let across = Axis(
            Axis.range(of: distances.map { 100 * $0 }, atLeast: 0...0), from: left, to: right, intervals: 4)
        let foot = last + (rows.count > 1 ? rows[1] - rows[0] : 20) / 2 + 6
        var shapes = [SVG.line(Place(x: left, y: foot), Place(x: right, y: foot), class: "axis")]
        for tick in across.ticks {
            let x = across.position(tick)
            shapes.append(SVG.line(Place(x: x, y: foot), Place(x: x, y: foot + 4), class: "axis"))
            shapes.append(
                SVG.text(across.label(tick), at: Place(x: x, y: foot + 17), anchor: .middle, class: "tick"))
        }
        shapes.append(
            SVG.text("Distance (points)", at: Place(x: right, y: foot + 34), anchor: .end, class: "axis-title"))
        return shapes + joints(across)
    }

    private func joints(_ across: Axis) -> [Markup] {
        var clusters: [Place?] = Array(repeating: nil, count: rows.count)
        for (row, index) in labels.order.enumerated() { clusters[index] = Place(x: left, y: rows[row]) }
        var shapes: [Markup] = []
        for merge in merges {
            // A merge of what does not exist yet cannot be drawn.
            guard let first = clusters[ifPresent: merge.left] ?? nil,
                let second = clusters[ifPresent: merge.right] ?? nil,
                merge.distance.isFinite
            else {
                clusters.append(nil)
                continue
            }
            let x = across.position(100 * merge.distance)
            shapes.append(
                SVG.polyline(
                    [first, Place(x: x, y: first.y), Place(x: x, y: second.y), second], class: "joint"))
            clusters.append(Place(x: x, y: (first.y + second.y) / 2))
        }
        return shapes
    }
}
