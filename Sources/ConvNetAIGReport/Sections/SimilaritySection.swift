import Charts

/// How alike the graphs of the classes are.
struct SimilaritySection: PageSection {
    let figures: ReportFigures

    let id = "similarity"
    let title = "Similarity of the classes’ graphs"

    private var similarity: SimilarityFigures { figures.similarity }

    var summary: String {
        let pairs = pairs
        guard let nearest = pairs.min(by: { $0.distance < $1.distance }),
            let farthest = pairs.max(by: { $0.distance < $1.distance })
        else { return "There are not enough classes to compare." }
        let beginning =
            "The graphs of \(nearest.names) are most alike (\(points(nearest.distance)) points apart)"
            + (pairs.count > 1 ? ", those of \(farthest.names) least (\(points(farthest.distance)))." : ".")
        return beginning + separation
    }

    private var separation: String {
        guard let separation = similarity.separation else { return "" }
        let comparison = separation.between > separation.within ? "closer" : "no closer"
        return " Classes of one group (\(NumberText.list(separation.groups))) are \(comparison) to each other "
            + "than to those of another: \(points(separation.within)) points within groups on average, "
            + "\(points(separation.between)) between (\(NumberText.probability(separation.p)) by permutation)."
    }

    private var pairs: [(names: String, distance: Double)] {
        let classes = figures.model.classes
        return classes.indices.flatMap { first in
            classes.indices.dropFirst(first + 1).compactMap { second in
                guard let distance = similarity.distances[ifPresent: first]?[ifPresent: second], distance.isFinite
                else {
                    return nil
                }
                return ("\(classes[first]) and \(classes[second])", distance)
            }
        }
    }

    private func points(_ distance: Double) -> String { NumberText.decimal(100 * distance, 1) }

    func body() -> [Markup] {
        guard figures.model.classes.count > 1, !similarity.distances.isEmpty else { return [] }
        let labels = ClassLabels(
            classes: figures.model.classes, order: similarity.order,
            groupByClass: similarity.separation?.groupByClass ?? [])
        let chart = SimilarityChart(
            label: "Matrix of distances between classes, and their dendrogram. " + summary, labels: labels,
            similarity: similarity)
        let groups = similarity.separation?.groups ?? []
        return [
            Figure.chart(
                caption: "Distance between two classes: the mean difference of their execution rates over the gated "
                    + "blocks, in percentage points. The stronger the shade, the farther apart. Classes stand in the order of the dendrogram, which joins "
                    + "clusters at the mean distance of their members.",
                legend: groups.enumerated().map { LegendItem.marker(SeriesStyle($0), $1) }, chart.svg)
        ]
    }
}

/// The matrix of distances and the dendrogram, side by side if there is room.
struct SimilarityChart: Sendable {
    var label: String
    var labels: ClassLabels
    var similarity: SimilarityFigures

    private static let gap = 14.0
    private static let treeWidth = 190.0
    private static let rowHeight = 18.0
    /// Room for half a label: the last tick's label is centred on the end of the axis.
    private static let margin = 12.0

    func svg(width: Double) -> Markup {
        width < 500 ? stacked(width: width) : besides(width: width)
    }

    private func matrix(room: Double) -> HeatMatrix {
        HeatMatrix(labels: labels, distances: similarity.distances, room: room)
    }

    private func besides(width: Double) -> Markup {
        let matrix = matrix(room: width - Self.treeWidth - Self.gap - Self.margin)
        let left = matrix.width + Self.gap
        let tree = Dendrogram(
            labels: labels, merges: similarity.merges, left: left, right: left + Self.treeWidth,
            rows: labels.order.indices.map(matrix.y))
        return SVG.image(
            width: left + Self.treeWidth + Self.margin, height: matrix.height + Dendrogram.footHeight, label: label,
            matrix.markup() + tree.markup())
    }

    private func stacked(width: Double) -> Markup {
        let matrix = matrix(room: width)
        let start = matrix.height + 20
        let rows = labels.order.indices.map { start + Self.rowHeight * (Double($0) + 0.5) }
        let right = max(width, labels.width + 120) - Self.margin
        let tree = Dendrogram(
            labels: labels, merges: similarity.merges, left: labels.width + 2, right: right, rows: rows)
        let names = similarity.merges.isEmpty ? [] : zip(rows.indices, rows).flatMap { labels.markup($0, y: $1) }
        let foot = similarity.merges.isEmpty ? matrix.height : (rows.last ?? start) + Dendrogram.footHeight + 10
        return SVG.image(
            width: max(matrix.width, right + Self.margin), height: foot, label: label,
            matrix.markup() + names + tree.markup())
    }
}

/// The merging of classes into clusters. Each joint stands at the distance of the two clusters that it joins.
struct Dendrogram: Sendable {
    var labels: ClassLabels
    var merges: [SimilarityFigures.Merge]
    /// The x coordinate of the leaves.
    var left: Double
    var right: Double
    /// The middle of each row.
    var rows: [Double]

    static let footHeight = 44.0

    func markup() -> [Markup] {
        guard let last = rows.last, !merges.isEmpty else { return [] }
        let distances = merges.map(\.distance).filter(\.isFinite)
        let xAxis = Axis(
            Axis.range(of: distances.map { 100 * $0 }, atLeast: 0...0), from: left, to: right, intervals: 4)
        let foot = last + (rows.count > 1 ? rows[1] - rows[0] : 20) / 2 + 6
        var shapes = [SVG.line(Point(x: left, y: foot), Point(x: right, y: foot), class: "axis")]
        for tick in xAxis.ticks {
            let x = xAxis.position(tick)
            shapes.append(SVG.line(Point(x: x, y: foot), Point(x: x, y: foot + 4), class: "axis"))
            shapes.append(
                SVG.text(xAxis.label(tick), at: Point(x: x, y: foot + 17), anchor: .middle, class: "tick"))
        }
        shapes.append(
            SVG.text("Distance (points)", at: Point(x: right, y: foot + 34), anchor: .end, class: "axis-title"))
        return shapes + joints(xAxis)
    }

    private func joints(_ xAxis: Axis) -> [Markup] {
        var clusters: [Point?] = Array(repeating: nil, count: rows.count)
        for (row, index) in labels.order.enumerated() { clusters[index] = Point(x: left, y: rows[row]) }
        var shapes: [Markup] = []
        for merge in merges {
            // A merge of a cluster that does not exist yet cannot be drawn.
            guard let first = clusters[ifPresent: merge.left] ?? nil,
                let second = clusters[ifPresent: merge.right] ?? nil,
                merge.distance.isFinite
            else {
                clusters.append(nil)
                continue
            }
            let x = xAxis.position(100 * merge.distance)
            shapes.append(
                SVG.polyline(
                    [first, Point(x: x, y: first.y), Point(x: x, y: second.y), second], class: "joint"))
            clusters.append(Point(x: x, y: (first.y + second.y) / 2))
        }
        return shapes
    }
}

extension HeatMatrix {
    /// Distances between classes in 0...1; the largest distance has the strongest shade.
    ///
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
}
