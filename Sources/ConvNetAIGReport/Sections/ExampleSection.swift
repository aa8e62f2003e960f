import Charts

/// The easiest and hardest images of each class, with their routes.
struct ExampleSection: PageSection {
    let figures: ReportFigures

    let id = "examples"
    let title = "Easiest and hardest pictures"

    /// The number of classes that are shown; the others are folded away.
    private static let shownClasses = 10

    var summary: String {
        let (easiest, hardest) = (figures.examples.flatMap(\.easiest), figures.examples.flatMap(\.hardest))
        guard !easiest.isEmpty, !hardest.isEmpty else { return "There are no pictures to show." }
        let means = [easiest, hardest].map { Double($0.reduce(0) { $0 + $1.macs }) / Double($0.count) }
        let wrong = figures.examples.reduce(0) { sum, examples in
            sum + examples.hardest.count { $0.prediction != examples.name }
        }
        return "The network spends \(NumberText.short(means[0])) MACs on the easiest pictures shown here and "
            + "\(NumberText.short(means[1])) on the hardest, on average. It is wrong about \(wrong) of the "
            + "\(hardest.count) hardest."
    }

    func body() -> [Markup] {
        let classes = figures.examples.filter { !$0.easiest.isEmpty || !$0.hardest.isEmpty }.map(markup)
        guard !classes.isEmpty else { return [] }
        var contents: [Markup] = [
            .tag("div", ["class": "examples"], Array(classes.prefix(Self.shownClasses)))
        ]
        let rest = Array(classes.dropFirst(Self.shownClasses))
        if !rest.isEmpty {
            contents.append(
                .tag(
                    "details", [:],
                    [.tag("summary", [:], NumberText.count(rest.count, "more class", "more classes"))] + rest))
        }
        return [
            Figure.figure(
                caption:
                    "Pictures of each class with the lowest and the highest loss: the blocks that they run, a gap "
                    + "between stages; what the network takes them for (✓ right, ✗ wrong); the probability p that it gives "
                    + "the right class; and their share of the dense network’s MACs.", legend: LegendItem.routes,
                contents)
        ]
    }

    private func markup(_ examples: ClassExamples) -> Markup {
        let route = "--route:\(SVG.number(glyph.width))px"
        var halves: [Markup] = []
        for (name, images) in [("easiest", examples.easiest), ("hardest", examples.hardest)] where !images.isEmpty {
            halves.append(
                .tag(
                    "div", [:],
                    [
                        .tag("p", ["class": "half"], name),
                        .tag(
                            "div", ["class": "example-row", "style": route],
                            images.map { example($0, of: examples.name) }),
                    ]))
        }
        return .tag(
            "div", ["class": "example-group"],
            [.tag("h3", [:], examples.name), .tag("div", ["class": "example-class"], halves)])
    }

    private var glyph: RouteGlyph { RouteGlyph(figures.model.blocks) }

    private func example(_ example: ClassExamples.Example, of name: String) -> Markup {
        let isRight = example.prediction == name
        let share = figures.model.denseMACs > 0 ? Double(example.macs) / Double(figures.model.denseMACs) : nil
        return .tag(
            "div", ["class": "example"],
            [
                image(example, of: name), glyph.svg(example.route),
                .tag(
                    "div", ["class": isRight ? "right" : "wrong"],
                    (isRight ? "✓ " : "✗ ") + example.prediction),
                .tag("div", [:], "p = \(NumberText.percent(example.probability))"),
                .tag("div", [:], "\(NumberText.percent(share, 0)) of MACs"),
                .tag("div", ["class": "file"], example.name),
            ])
    }

    /// An image that the page itself holds; the page must not load any other.
    private func image(_ example: ClassExamples.Example, of name: String) -> Markup {
        guard example.image.hasPrefix("data:image/") else { return .tag("div", ["class": "blank"]) }
        return .tag(
            "img",
            [
                "src": example.image, "width": "96", "height": "96",
                "alt": "A \(name), taken for \(example.prediction)", "loading": "lazy",
            ])
    }
}
