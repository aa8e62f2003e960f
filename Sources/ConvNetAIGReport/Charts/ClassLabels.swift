/// The names of the classes in the order of a matrix and a dendrogram, with the group that each belongs to.
struct ClassLabels: Sendable {
    /// Indices of classes.
    let order: [Int]
    /// In that order, shortened.
    let names: [String]
    private let full: [String]
    private let groups: [Int?]

    private static let markWidth = 16.0

    /// - Parameter order: taken as it is if it names every class once, and else the order of the classes.
    init(classes: [String], order: [Int], groupByClass: [Int]) {
        let isComplete = order.sorted() == Array(classes.indices)
        self.order = isComplete ? order : Array(classes.indices)
        full = self.order.map { classes[$0] }
        names = full.map { TextWidth.shortened($0, to: 16) }
        groups = self.order.map { groupByClass[ifPresent: $0] }
    }

    /// The room that they take beside the rows.
    var width: Double { textWidth + (hasGroups ? Self.markWidth : 0) + 6 }

    private var textWidth: Double { names.map { TextWidth.of($0) }.max() ?? 0 }
    private var hasGroups: Bool { groups.contains { $0 != nil } }

    /// The label of a row, which ends where the row begins.
    /// - Parameter y: the row's middle.
    func markup(_ row: Int, y: Double) -> [Markup] {
        let title = full[row] == names[row] ? nil : full[row]
        var shapes = [
            SVG.text(names[row], at: Place(x: textWidth, y: y + 4), anchor: .end, class: "label", title: title)
        ]
        if let group = groups[row] {
            shapes.append(Self.mark(group, at: Place(x: textWidth + Self.markWidth / 2 + 1, y: y)))
        }
        return shapes
    }

    /// What stands for a group.
    static func mark(_ group: Int, at place: Place) -> Markup {
        SeriesStyle(group).marker.markup(at: place, class: SeriesStyle(group).dot)
    }
}
