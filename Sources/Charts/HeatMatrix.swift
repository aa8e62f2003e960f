/// A matrix of classes x classes as shades, with numbers where there is room.
package struct HeatMatrix: Sendable {
    /// The cell of a pair of classes.
    package struct Cell: Sendable {
        /// How strong the shade is, in 0...1; nil for grey.
        package var strength: Double?
        /// Written in the cell where there is room; nil for nothing.
        package var text: String?
        /// Shown when the pointer is on the cell.
        package var title: String

        package init(strength: Double?, text: String?, title: String) {
            self.strength = strength
            self.text = text
            self.title = title
        }
    }

    private let labels: ClassLabels
    /// The side of a cell.
    private let side: Double
    private let cell: @Sendable (_ row: (index: Int, name: String), _ column: (index: Int, name: String)) -> Cell?

    private static let smallestNumbered = 21.0
    /// The font size of the style sheet's cells.
    private static let fontSize = 11.0
    private static let sides = 14.0...40

    /// - Parameters:
    ///   - room: the width that cells grow or shrink to, within what can be seen.
    ///   - cell: the cell of a row's class and a column's; nil leaves the cell out.
    package init(
        labels: ClassLabels, room: Double,
        cell: @escaping @Sendable (_ row: (index: Int, name: String), _ column: (index: Int, name: String)) -> Cell?
    ) {
        self.labels = labels
        self.cell = cell
        let fitting = (room - labels.width) / Double(max(labels.order.count, 1))
        side = min(max(fitting, Self.sides.lowerBound), Self.sides.upperBound)
    }

    package var width: Double { labels.width + extent }
    package var height: Double { top + extent }
    /// The height of the columns' names.
    private var top: Double { (labels.names.map { TextWidth.of($0) }.max() ?? 0) + 6 }
    private var extent: Double { side * Double(labels.order.count) }

    /// The middle of a row of the matrix.
    package func y(_ row: Int) -> Double { top + side * (Double(row) + 0.5) }

    package func markup() -> [Markup] {
        let classes = zip(labels.order, labels.names).map { (index: $0, name: $1) }
        var shapes: [Markup] = []
        for (row, first) in classes.enumerated() {
            shapes += labels.markup(row, y: y(row))
            let x = labels.width + side * (Double(row) + 0.5)
            shapes.append(SVG.upwardText(first.name, at: Point(x: x + 4, y: top - 5)))
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
                        text, at: Point(x: box.x + box.width / 2, y: box.y + box.height / 2 + 4), anchor: .middle,
                        class: "cell \(shade)"))
            }
        }
        return shapes
    }
}

/// The names of classes in the order of a matrix and a dendrogram, with the group that each class belongs to.
package struct ClassLabels: Sendable {
    /// The classes by their indices.
    package let order: [Int]
    /// The shortened names, in that order.
    let names: [String]
    private let full: [String]
    private let groups: [Int?]

    private static let markWidth = 16.0

    /// - Parameters:
    ///   - order: indices of classes; anything but a permutation of them is replaced by their own order.
    ///   - groupByClass: may be shorter than the classes.
    package init(classes: [String], order: [Int], groupByClass: [Int]) {
        let isComplete = order.sorted() == Array(classes.indices)
        self.order = isComplete ? order : Array(classes.indices)
        full = self.order.map { classes[$0] }
        names = full.map { TextWidth.shortened($0, to: 16) }
        groups = self.order.map { groupByClass.indices.contains($0) ? groupByClass[$0] : nil }
    }

    /// The width of the labels beside the rows.
    package var width: Double { textWidth + (hasGroups ? Self.markWidth : 0) + 6 }

    private var textWidth: Double { names.map { TextWidth.of($0) }.max() ?? 0 }
    private var hasGroups: Bool { groups.contains { $0 != nil } }

    /// The label of a row, which ends where the row begins.
    ///
    /// - Parameter y: the row's middle.
    package func markup(_ row: Int, y: Double) -> [Markup] {
        let title = full[row] == names[row] ? nil : full[row]
        var shapes = [
            SVG.text(names[row], at: Point(x: textWidth, y: y + 4), anchor: .end, class: "label", title: title)
        ]
        if let group = groups[row] {
            shapes.append(Self.mark(group, at: Point(x: textWidth + Self.markWidth / 2 + 1, y: y)))
        }
        return shapes
    }

    private static func mark(_ group: Int, at point: Point) -> Markup {
        SeriesStyle(group).marker.markup(at: point, class: SeriesStyle(group).dot)
    }
}
