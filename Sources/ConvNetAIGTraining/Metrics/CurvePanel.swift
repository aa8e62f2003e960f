import Foundation

/// One pair of axes with its lines, title and legend.
struct CurvePanel {
    let title: String
    /// The values that the y axis has to hold at least.
    let minimumRange: ClosedRange<Double>?
    /// Those that have points.
    let series: [CurveSeries]

    init(title: String, minimumRange: ClosedRange<Double>?, series: [CurveSeries]) {
        self.title = title
        self.minimumRange = minimumRange
        self.series = series.filter { !$0.points.isEmpty }
    }

    static let width = 470.0
    static let height = 300.0
    private static let left = 62.0
    private static let right = 20.0
    private static let top = 52.0
    private static let bottom = 46.0
    /// A generous guess at the width of a letter of the legend.
    private static let letterWidth = 6.9
    private static let legendLine = 22.0

    /// - Parameters:
    ///   - epochs: what the x axis holds.
    ///   - x: where the panel's left edge is.
    ///   - y: where its upper edge is.
    func svg(epochs: ClosedRange<Double>, x: Double, y: Double) -> [String] {
        let across = PlotAxis(
            epochs, from: Self.left, to: Self.width - Self.right, intervals: 8, isWhole: true, isTight: true)
        let up = PlotAxis(values, from: Self.height - Self.bottom, to: Self.top, intervals: 5)
        var lines = ["<g transform=\"translate(\(Self.number(x)) \(Self.number(y)))\">"]
        lines.append("<text class=\"title\" x=\"\(Self.number(Self.left))\" y=\"18\">\(title)</text>")
        lines += legend()
        for tick in up.ticks {
            let place = Self.number(up.position(tick))
            lines.append(
                "<line class=\"grid\" x1=\"\(Self.number(Self.left))\" x2=\"\(Self.number(Self.width - Self.right))\" "
                    + "y1=\"\(place)\" y2=\"\(place)\"/>")
            lines.append(
                "<text x=\"\(Self.number(Self.left - 8))\" y=\"\(place)\" dy=\"4\" text-anchor=\"end\">"
                    + "\(up.label(tick))</text>")
        }
        let floor = Self.height - Self.bottom
        lines.append(
            "<line class=\"axis\" x1=\"\(Self.number(Self.left))\" x2=\"\(Self.number(Self.width - Self.right))\" "
                + "y1=\"\(Self.number(floor))\" y2=\"\(Self.number(floor))\"/>")
        for tick in across.ticks {
            let place = Self.number(across.position(tick))
            lines.append(
                "<line class=\"axis\" x1=\"\(place)\" x2=\"\(place)\" y1=\"\(Self.number(floor))\" "
                    + "y2=\"\(Self.number(floor + 4))\"/>")
            lines.append(
                "<text x=\"\(place)\" y=\"\(Self.number(floor + 18))\" text-anchor=\"middle\">"
                    + "\(across.label(tick))</text>")
        }
        lines.append(
            "<text x=\"\(Self.number((Self.left + Self.width - Self.right) / 2))\" y=\"\(Self.number(floor + 36))\" "
                + "text-anchor=\"middle\">epoch</text>")
        for series in series { lines += Self.curve(series, across, up) }
        lines.append("</g>")
        return lines
    }

    /// The values that the y axis holds.
    private var values: ClosedRange<Double> {
        let all = series.flatMap { $0.points.map(\.y) } + (minimumRange.map { [$0.lowerBound, $0.upperBound] } ?? [])
        let (low, high) = (all.min() ?? 0, all.max() ?? 1)
        if low < high { return low...high }
        // Something to either side of the only value.
        return low == 0 ? 0...1 : (low - abs(low) / 10)...(low + abs(low) / 10)
    }

    private func legend() -> [String] {
        var lines: [String] = []
        var x = Self.left
        for series in series {
            let end = x + Self.legendLine
            lines.append(
                "<line class=\"curve \(series.style.rawValue)\" x1=\"\(Self.number(x))\" x2=\"\(Self.number(end))\" "
                    + "y1=\"36\" y2=\"36\"/>")
            lines.append("<text x=\"\(Self.number(end + 6))\" y=\"40\">\(series.name)</text>")
            x = end + 6 + Double(series.name.count) * Self.letterWidth + 16
        }
        return lines
    }

    private static func curve(_ series: CurveSeries, _ across: PlotAxis, _ up: PlotAxis) -> [String] {
        let places = series.points.map { (number(across.position($0.x)), number(up.position($0.y))) }
        // A line needs two points.
        if places.count == 1 {
            return places.map { x, y in
                "<circle class=\"dot \(series.style.rawValue)\" cx=\"\(x)\" cy=\"\(y)\" r=\"3\"/>"
            }
        }
        guard !places.isEmpty else { return [] }
        let points = places.map { "\($0.0),\($0.1)" }.joined(separator: " ")
        return ["<polyline class=\"curve \(series.style.rawValue)\" points=\"\(points)\"/>"]
    }

    /// A tenth of a pixel is more than can be seen.
    static func number(_ value: Double) -> String {
        let text = String(format: "%.1f", value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
