/// Medians with the range that half of the values lie in.
struct QuartileChart: Sendable {
    var label: String
    var latencies: [LatencyFigures]

    func svg(width: Double) -> Markup {
        let height = width < 500 ? 250.0 : 300
        let depths = latencies.map { Double($0.blocks) }
        let times = latencies.flatMap { [$0.lowerQuartile, $0.upperQuartile, $0.median] }
        let frame = PlotFrame(
            width: width, height: height, x: (depths.min() ?? 0) - 0.5...(depths.max() ?? 1) + 0.5,
            // From nothing, so that twice the height is twice the time.
            y: Axis.range(of: times, atLeast: 0...0), acrossTitle: "Blocks executed",
            upTitle: "Time per picture (ms)", isWhole: true, isTight: true)
        let cap = min((frame.across.position(1) - frame.across.position(0)) * 0.3, 8)
        var shapes = frame.markup()
        for latency in latencies where latency.median.isFinite {
            let x = frame.across.position(Double(latency.blocks))
            let (low, high) = (frame.up.position(latency.lowerQuartile), frame.up.position(latency.upperQuartile))
            shapes.append(SVG.line(Place(x: x, y: low), Place(x: x, y: high), class: "whisker"))
            for y in [low, high] {
                shapes.append(SVG.line(Place(x: x - cap, y: y), Place(x: x + cap, y: y), class: "whisker"))
            }
            shapes.append(
                SVG.circle(
                    Place(x: x, y: frame.up.position(latency.median)), radius: 4, class: "dot c0",
                    title: "\(NumberText.count(latency.blocks, "block")): median "
                        + "\(NumberText.milliseconds(latency.median)), "
                        + NumberText.count(latency.images, "picture")))
        }
        return SVG.image(width: width, height: height, label: label, shapes)
    }
}
