import Charts

/// The number of blocks that images run.
struct DepthSection: PageSection {
    let figures: ReportFigures

    let id = "depth"
    let title = "Number of blocks executed"

    /// The number of classes that are shown; the others are folded away.
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

/// A histogram of the number of blocks that images ran.
struct DepthHistogram: Sendable {
    var label: String
    /// Number of images by number of blocks, from 0.
    var counts: [Int]
    /// The numbers of blocks to draw.
    var depths: ClosedRange<Int>
    /// The share of images at the top of the y axis, in 0...1.
    var highest: Double

    /// Mean number of executed blocks; nil without images.
    static func mean(_ counts: [Int]) -> Double? {
        let images = counts.reduce(0, +)
        guard images > 0 else { return nil }
        return Double(counts.enumerated().reduce(0) { $0 + $1.offset * $1.element }) / Double(images)
    }

    /// The range of numbers of blocks that occur; nil without images.
    static func depths(_ counts: [[Int]]) -> ClosedRange<Int>? {
        let occurring = counts.flatMap { counts in counts.indices.filter { counts[$0] > 0 } }
        guard let low = occurring.min(), let high = occurring.max() else { return nil }
        return low...high
    }

    static func shares(_ counts: [Int]) -> [Double] {
        let images = counts.reduce(0, +)
        return counts.map { images > 0 ? Double($0) / Double(images) : 0 }
    }

    /// The histogram with axes and titles.
    func svg(width: Double) -> Markup {
        let frame = PlotFrame(
            width: width, height: 250, x: Double(depths.lowerBound) - 0.5...Double(depths.upperBound) + 0.5,
            y: 0...100 * highest, xTitle: "Blocks executed", yTitle: "Pictures (%)", isWhole: true, isTight: true)
        return SVG.image(
            width: width, height: 250, label: label,
            frame.markup() + bars(frame.xAxis, frame.yAxis) + mean(frame.xAxis, frame.yAxis, isNamed: true))
    }

    /// The histogram as one of many, with its name and an x axis.
    func smallSVG(name: String, width: Double = 152) -> Markup {
        let height = 104.0
        let xAxis = Axis(
            Double(depths.lowerBound) - 0.5...Double(depths.upperBound) + 0.5, from: 2, to: width - 2, intervals: 5,
            isWhole: true, isTight: true)
        let yAxis = Axis(0...100 * highest, from: height - 18, to: 20, intervals: 1, isTight: true)
        let short = TextWidth.shortened(name, to: 17)
        var shapes = [
            SVG.text(
                short, at: Point(x: 2, y: 12), class: "axis-title", title: short == name ? nil : name),
            SVG.line(Point(x: 0, y: yAxis.start), Point(x: width, y: yAxis.start), class: "axis"),
        ]
        // A label at the very end would stick out.
        let room = (xAxis.start - 2)...(xAxis.end + 2)
        for tick in xAxis.ticks {
            let (x, half) = (xAxis.position(tick), TextWidth.of(xAxis.label(tick)) / 2)
            guard room.contains(x - half), room.contains(x + half) else { continue }
            shapes.append(
                SVG.text(
                    xAxis.label(tick), at: Point(x: x, y: height - 4), anchor: .middle,
                    class: "tick"))
        }
        shapes += bars(xAxis, yAxis) + mean(xAxis, yAxis, isNamed: false)
        return SVG.image(width: width, height: height, label: label, class: "chart small", shapes)
    }

    private func bars(_ xAxis: Axis, _ yAxis: Axis) -> [Markup] {
        let pitch = xAxis.position(1) - xAxis.position(0)
        let width = min(max(pitch - 2, pitch * 0.6), 56)
        return zip(counts.indices, Self.shares(counts)).compactMap { depth, share in
            guard depths.contains(depth), share > 0 else { return nil }
            let top = yAxis.position(100 * share)
            let box = Box(
                x: xAxis.position(Double(depth)) - width / 2, y: top, width: width, height: yAxis.start - top)
            return SVG.rectangle(
                box, class: "bar",
                title: "\(NumberText.count(depth, "block")): \(NumberText.count(counts[depth], "picture"))"
                    + " (\(NumberText.percent(share)))")
        }
    }

    private func mean(_ xAxis: Axis, _ yAxis: Axis, isNamed: Bool) -> [Markup] {
        guard let mean = Self.mean(counts) else { return [] }
        let x = xAxis.position(mean)
        let line = SVG.line(Point(x: x, y: yAxis.start), Point(x: x, y: yAxis.end), class: "mean")
        guard isNamed else { return [line] }
        let text = "mean " + NumberText.decimal(mean, 1)
        // Above the plot, where no bar is behind it.
        let isLeft = x + 6 + TextWidth.of(text) > xAxis.end
        return [
            line,
            SVG.text(
                text, at: Point(x: isLeft ? x - 6 : x + 6, y: yAxis.end - 4), anchor: isLeft ? .end : .start,
                class: "label halo"),
        ]
    }
}
