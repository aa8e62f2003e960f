/// Classes x classes as shades, with numbers where there is room.
struct HeatMatrix: Sendable {
    /// What stands for a pair of classes.
    struct Cell: Sendable {
        /// How strong its shade is, in 0...1; nil for grey.
        var strength: Double?
        /// Written in the cell, where there is room; nil for nothing.
        var text: String?
        /// Shown when the cell is pointed at.
        var title: String
    }

    var labels: ClassLabels
    /// The side of a cell.
    var side: Double
    /// Of a row's class and a column's, by their indices and names; nil leaves the cell out.
    var cell: @Sendable (_ row: (index: Int, name: String), _ column: (index: Int, name: String)) -> Cell?

    private static let smallestNumbered = 21.0
    /// That of the style sheet's cells.
    private static let fontSize = 11.0
    private static let sides = 14.0...40

    /// - Parameter room: the width that cells grow or shrink to, within what can be seen.
    init(
        labels: ClassLabels, room: Double,
        cell: @escaping @Sendable (_ row: (index: Int, name: String), _ column: (index: Int, name: String)) -> Cell?
    ) {
        self.labels = labels
        self.cell = cell
        let fitting = (room - labels.width) / Double(max(labels.order.count, 1))
        side = min(max(fitting, Self.sides.lowerBound), Self.sides.upperBound)
    }

    var width: Double { labels.width + extent }
    var height: Double { top + extent }
    /// The room that the columns' names take.
    var top: Double { (labels.names.map { TextWidth.of($0) }.max() ?? 0) + 6 }
    private var extent: Double { side * Double(labels.order.count) }

    /// The middle of a row.
    func y(_ row: Int) -> Double { top + side * (Double(row) + 0.5) }

    func markup() -> [Markup] {
        let classes = zip(labels.order, labels.names).map { (index: $0, name: $1) }
        var shapes: [Markup] = []
        for (row, first) in classes.enumerated() {
            shapes += labels.markup(row, y: y(row))
            let x = labels.width + side * (Double(row) + 0.5)
            shapes.append(SVG.upwardText(first.name, at: Place(x: x + 4, y: top - 5)))
            for (column, second) in classes.enumerated() {
                guard let cell = cell(first, second) else { continue }
                let shade = cell.strength.map(HeatScale.name) ?? "always"
                let box = Box(
                    x: labels.width + side * Double(column), y: top + side * Double(row), width: side - 1,
                    height: side - 1)
                shapes.append(SVG.rectangle(box, class: shade, title: cell.title))
                guard side >= Self.smallestNumbered, let text = cell.text,
                    TextWidth.of(text, fontSize: Self.fontSize) < side
                else { continue }
                shapes.append(
                    SVG.text(
                        text, at: Place(x: box.x + box.width / 2, y: box.y + box.height / 2 + 4), anchor: .middle,
                        class: "cell \(shade)"))
            }
        }
        return shapes
    }
}

extension HeatMatrix {
    /// Distances between classes, in 0...1; the farthest has the strongest shade.
    /// - Parameter distances: classes x classes.
    init(labels: ClassLabels, distances: [[Double]], room: Double) {
        let highest = distances.joined().filter(\.isFinite).max() ?? 0
        self.init(labels: labels, room: room) { row, column in
            guard row.index != column.index,
                let distance = distances[ifPresent: row.index]?[ifPresent: column.index], distance.isFinite
            else { return nil }
            return Cell(
                strength: highest > 0 ? distance / highest : 0, text: NumberText.decimal(100 * distance, 0),
                title: "\(row.name), \(column.name): \(NumberText.decimal(100 * distance, 1))")
        }
    }

    /// Images of each row's class that were taken for each column's. What is wrong is shaded by its share of the row's
    /// images, against the largest such share; beside what is right, it would be too pale to tell apart.
    init(labels: ClassLabels, confusion: ConfusionMatrix, room: Double) {
        let totals = confusion.totals
        @Sendable func share(_ count: Int, _ actual: Int) -> Double {
            Double(count) / Double(max(totals[actual] ?? 0, 1))
        }
        let highest = confusion.confusions.map { share($0.count, $0.actual) }.max() ?? 0
        self.init(labels: labels, room: room) { row, column in
            let count = confusion.count(actual: row.index, predicted: column.index)
            guard totals[row.index] != nil else { return nil }
            let share = share(count, row.index)
            let isRight = row.index == column.index
            return Cell(
                strength: isRight ? nil : highest > 0 ? share / highest : 0, text: count > 0 ? Self.short(count) : nil,
                title: "\(row.name) taken for \(column.name): \(NumberText.count(count, "picture")), "
                    + NumberText.percent(share))
        }
    }

    /// A count in as few letters as fit a cell.
    private static func short(_ count: Int) -> String {
        count < 1000 ? String(count) : NumberText.decimal(Double(count) / 1000, count < 10_000 ? 1 : 0) + "k"
    }
}
