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
