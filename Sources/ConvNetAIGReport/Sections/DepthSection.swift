/// How many blocks images run.
struct DepthSection: PageSection {
    let figures: ReportFigures

    let id = "depth"
    let title = "Number of blocks executed"

    /// More classes than these are folded away.
    private static let shownClasses = 20

    private var overall: [Int] {
        let longest = figures.depths.map(\.count).max() ?? 0
        return (0..<longest).map { depth in figures.depths.reduce(0) { $0 + ($1[ifPresent: depth] ?? 0) } }
    }

    var summary: String {
        let overall = overall
        guard let mean = DepthHistogram.mean(overall), let depths = DepthHistogram.depths([overall]) else {
            return "There are no pictures to count blocks of."
        }
        let classes = means
        let beginning =
            "A picture runs \(NumberText.decimal(mean, 1)) of \(figures.model.blocks.count) blocks on average; the fewest "
            + "are \(depths.lowerBound), the most \(depths.upperBound)."
        guard let most = classes.max(by: { $0.mean < $1.mean }), let least = classes.min(by: { $0.mean < $1.mean }),
            classes.count > 1
        else { return beginning }
        return beginning + " By class, the mean goes from \(NumberText.decimal(least.mean, 1)) (\(least.name)) to "
            + "\(NumberText.decimal(most.mean, 1)) (\(most.name))."
    }

    private var means: [(name: String, mean: Double)] {
        zip(figures.model.classes, figures.depths).compactMap { name, counts in
            DepthHistogram.mean(counts).map { (name, $0) }
        }
    }

    func body() -> [Markup] {
        let overall = overall
        guard let depths = DepthHistogram.depths([overall]) else { return [] }
        let histogram = DepthHistogram(
            label: "Histogram of the number of executed blocks over all pictures. " + summary, counts: overall,
            depths: depths, highest: DepthHistogram.shares(overall).max() ?? 1)
        return [
            Figure.chart(
                caption:
                    "All pictures, by number of executed blocks. Blocks without a gate count; the dashed line is the "
                    + "mean.", histogram.svg),
            Figure.figure(
                caption:
                    "The same by class. All classes share both axes; bars are shares of the class’s pictures, dashed "
                    + "lines are means.", multiples(depths)),
        ]
    }

    private func multiples(_ depths: ClosedRange<Int>) -> [Markup] {
        let highest = figures.depths.flatMap(DepthHistogram.shares).max() ?? 1
        let charts = zip(figures.model.classes, figures.depths).map { name, counts -> Markup in
            let mean = DepthHistogram.mean(counts).map { "mean \(NumberText.decimal($0, 1)) blocks" } ?? "no pictures"
            return DepthHistogram(
                label: "Histogram of executed blocks for \(name): \(mean)", counts: counts, depths: depths,
                highest: highest
            ).smallSVG(name: name)
        }
        let shown = Markup.tag("div", ["class": "multiples"], Array(charts.prefix(Self.shownClasses)))
        let rest = Array(charts.dropFirst(Self.shownClasses))
        guard !rest.isEmpty else { return [shown] }
        return [
            shown,
            .tag(
                "details", [:],
                [
                    .tag("summary", [:], NumberText.count(rest.count, "more class", "more classes")),
                    .tag("div", ["class": "multiples"], rest),
                ]),
        ]
    }
}
