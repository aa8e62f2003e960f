import Charts

/// How often each distinct graph occurs.
struct GraphSection: PageSection {
    let figures: ReportFigures

    let id = "graphs"
    let title = "Distinct graphs"

    var summary: String {
        let graphs = figures.graphs
        guard let first = graphs.commonest.first, figures.data.images > 0 else { return "No graph was executed." }
        let gated = figures.model.blocks.count { $0.isGated }
        // Nobody reads larger numbers.
        let possible = gated < 40 ? " of \(NumberText.count(1 << gated)) possible" : ""
        let images = figures.data.images
        return "\(NumberText.count(images, "picture")) run \(NumberText.count(graphs.distinct, "distinct graph"))"
            + "\(possible), with an entropy of \(NumberText.decimal(graphs.entropy, 1)) bits. The commonest serves "
            + "\(share(first.count)) of the pictures"
            + (graphs.commonest.count > 1
                ? ", the commonest \(graphs.commonest.count) together "
                    + "\(share(graphs.commonest.reduce(0) { $0 + $1.count }))." : ".")
    }

    private func share(_ count: Int) -> String {
        NumberText.percent(Double(count) / Double(max(figures.data.images, 1)))
    }

    func body() -> [Markup] {
        guard let most = figures.graphs.commonest.first, most.count > 0 else { return [] }
        let glyph = RouteGlyph(figures.model.blocks)
        let rows = figures.graphs.commonest.enumerated().map { index, graph -> [TableMarkup.Cell] in
            let width = SVG.number(100 * Double(graph.count) / Double(most.count))
            return [
                .text(String(index + 1)), TableMarkup.Cell(children: [glyph.svg(graph.route)]),
                .text(share(graph.count)),
                TableMarkup.Cell(
                    children: [
                        .tag("span", ["class": "track"], [.tag("span", ["style": "width:\(width)%"])])
                    ]),
                .text(NumberText.count(graph.count)), .share(graph.top1, graph.top1Interval), .text(classes(graph)),
            ]
        }
        let table = TableMarkup(
            caption:
                "The most frequent graphs, and the classes that run them most. Accuracy is that of the pictures that "
                + "run the graph, with its 95 % interval.",
            columns: [
                TableMarkup.Column(name: "Rank", isNumber: false), TableMarkup.Column(name: "Graph", isNumber: false),
                TableMarkup.Column(name: "Share"), TableMarkup.Column(name: "", isNumber: false),
                TableMarkup.Column(name: "Pictures"), TableMarkup.Column(name: "Top-1"),
                TableMarkup.Column(name: "Mostly", isNumber: false),
            ], rows: rows, classes: "graphs", legend: LegendItem.routes)
        return [table.markup()]
    }

    /// The two classes that run a graph most often, with their shares of its images.
    private func classes(_ graph: GraphFigures.Graph) -> String {
        let total = graph.countByClass.reduce(0, +)
        let ranked = zip(figures.model.classes, graph.countByClass).filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }
        guard total > 0, !ranked.isEmpty else { return NumberText.missing }
        return ranked.prefix(2)
            .map { "\($0.0) \(NumberText.percent(Double($0.1) / Double(total), 0))" }
            .joined(separator: ", ")
    }
}
