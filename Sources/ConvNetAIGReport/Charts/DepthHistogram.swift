/// How many images ran how many blocks.
struct DepthHistogram: Sendable {
    var label: String
    /// Images by number of blocks, from 0.
    var counts: [Int]
    /// The numbers of blocks to draw.
    var depths: ClosedRange<Int>
    /// The share of images that reaches the top.
    var highest: Double

    /// Executed blocks of an image on average; nil without images.
    static func mean(_ counts: [Int]) -> Double? {
        let images = counts.reduce(0, +)
        guard images > 0 else { return nil }
        return Double(counts.enumerated().reduce(0) { $0 + $1.offset * $1.element }) / Double(images)
    }

    /// The numbers of blocks that occur.
    static func depths(_ counts: [[Int]]) -> ClosedRange<Int>? {
        let occurring = counts.flatMap { counts in counts.indices.filter { counts[$0] > 0 } }
        guard let low = occurring.min(), let high = occurring.max() else { return nil }
        return low...high
    }

    static func shares(_ counts: [Int]) -> [Double] {
        let images = counts.reduce(0, +)
        return counts.map { images > 0 ? Double($0) / Double(images) : 0 }
    }

    /// With axes.
    func svg(width: Double) -> Markup {
        let frame = PlotFrame(
            width: width, height: 250, x: Double(depths.lowerBound) - 0.5...Double(depths.upperBound) + 0.5,
            y: 0...100 * highest, acrossTitle: "Blocks executed", upTitle: "Pictures (%)", isWhole: true, isTight: true)
        return SVG.image(
            width: width, height: 250, label: label,
            frame.markup() + bars(frame.across, frame.up) + mean(frame.across, frame.up, isNamed: true))
    }

    /// One of many.
    func smallSVG(name: String, width: Double = 152) -> Markup {
        let height = 104.0
        let across = Axis(
            Double(depths.lowerBound) - 0.5...Double(depths.upperBound) + 0.5, from: 2, to: width - 2, intervals: 5,
            isWhole: true, isTight: true)
        let up = Axis(0...100 * highest, from: height - 18, to: 20, intervals: 1, isTight: true)
        let short = TextWidth.shortened(name, to: 17)
        var shapes = [
            SVG.text(
                short, at: Place(x: 2, y: 12), class: "axis-title", title: short == name ? nil : name),
            SVG.line(Place(x: 0, y: up.start), Place(x: width, y: up.start), class: "axis"),
        ]
        // A label at the very end would stick out.
        let room = (across.start - 2)...(across.end + 2)
        for tick in across.ticks {
            let (x, half) = (across.position(tick), TextWidth.of(across.label(tick)) / 2)
            guard room.contains(x - half), room.contains(x + half) else { continue }
            shapes.append(
                SVG.text(
                    across.label(tick), at: Place(x: x, y: height - 4), anchor: .middle,
                    class: "tick"))
        }
        shapes += bars(across, up) + mean(across, up, isNamed: false)
        return SVG.image(width: width, height: height, label: label, class: "chart small", shapes)
    }

    private func bars(_ across: Axis, _ up: Axis) -> [Markup] {
        let pitch = across.position(1) - across.position(0)
        let width = min(max(pitch - 2, pitch * 0.6), 56)
        return zip(counts.indices, Self.shares(counts)).compactMap { depth, share in
            guard depths.contains(depth), share > 0 else { return nil }
            let top = up.position(100 * share)
            let box = Box(
                x: across.position(Double(depth)) - width / 2, y: top, width: width, height: up.start - top)
            return SVG.rectangle(
                box, class: "bar",
                title: "\(NumberText.count(depth, "block")): \(NumberText.count(counts[depth], "picture"))"
                    + " (\(NumberText.percent(share)))")
        }
    }

    private func mean(_ across: Axis, _ up: Axis, isNamed: Bool) -> [Markup] {
        guard let mean = Self.mean(counts) else { return [] }
        let x = across.position(mean)
        let line = SVG.line(Place(x: x, y: up.start), Place(x: x, y: up.end), class: "mean")
        guard isNamed else { return [line] }
        let text = "mean " + NumberText.decimal(mean, 1)
        // Over the bars, where none of them is behind it.
        let isLeft = x + 6 + TextWidth.of(text) > across.end
        return [
            line,
            SVG.text(
                text, at: Place(x: isLeft ? x - 6 : x + 6, y: up.end - 4), anchor: isLeft ? .end : .start,
                class: "label halo"),
        ]
    }
}
