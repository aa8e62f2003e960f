/// Distances between classes as shades, with numbers where there is room.
struct DistanceMatrix: Sendable {
    var labels: ClassLabels
    /// Classes x classes, in 0...1.
    var distances: [[Double]]
    /// The side of a cell.
    var cell: Double

    private static let smallestNumbered = 21.0

    var width: Double { labels.width + side }
    var height: Double { top + side }
    /// The room that the columns' names take.
    var top: Double { (labels.names.map { TextWidth.of($0) }.max() ?? 0) + 6 }
    private var side: Double { cell * Double(labels.order.count) }

    /// The middle of a row.
    func y(_ row: Int) -> Double { top + cell * (Double(row) + 0.5) }

    func markup() -> [Markup] {
        let highest = distances.joined().filter(\.isFinite).max() ?? 0
        var shapes: [Markup] = []
        for (row, first) in labels.order.enumerated() {
            shapes += labels.markup(row, y: y(row))
            let x = labels.width + cell * (Double(row) + 0.5)
            shapes.append(SVG.upwardText(labels.names[row], at: Place(x: x + 4, y: top - 5)))
            for (column, second) in labels.order.enumerated() where row != column {
                guard let distance = distances[ifPresent: first]?[ifPresent: second], distance.isFinite else {
                    continue
                }
                let shade = HeatScale.name(highest > 0 ? distance / highest : 0)
                let box = Box(
                    x: labels.width + cell * Double(column), y: top + cell * Double(row), width: cell - 1,
                    height: cell - 1)
                let title = "\(labels.names[row]), \(labels.names[column]): \(NumberText.decimal(100 * distance, 1))"
                shapes.append(SVG.rectangle(box, class: shade, title: title))
                guard cell >= Self.smallestNumbered else { continue }
                shapes.append(
                    SVG.text(
                        NumberText.decimal(100 * distance, 0),
                        at: Place(x: box.x + box.width / 2, y: box.y + box.height / 2 + 4), anchor: .middle,
                        class: "cell \(shade)"))
            }
        }
        return shapes
    }
}
