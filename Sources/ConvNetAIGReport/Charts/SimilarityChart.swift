/// The matrix of distances and the dendrogram, side by side where there is room.
struct SimilarityChart: Sendable {
    var label: String
    var labels: ClassLabels
    var similarity: SimilarityFigures

    private static let gap = 14.0
    private static let treeWidth = 190.0
    private static let rowHeight = 18.0
    /// The last tick of the dendrogram's axis is centred on its end.
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
