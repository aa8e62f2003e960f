import Foundation

/// An axis, which maps values to positions in a drawing and chooses its ticks: multiples of 1, 2 or 5 times a power of ten.
package struct Axis: Sendable {
    /// The values at the axis's ends.
    package let range: ClosedRange<Double>
    /// The values that have a tick, ascending.
    package let ticks: [Double]
    /// Where the lower end of ``range`` is drawn.
    package let start: Double
    /// Where the upper end of ``range`` is drawn.
    package let end: Double
    private let step: Double

    /// - Parameters:
    ///   - values: what the axis has to hold.
    ///   - start: where its lower end is drawn.
    ///   - end: where its upper end is drawn; above `start` in a drawing, and so less, for an axis that goes upwards.
    ///   - intervals: the largest number of intervals between ticks.
    ///   - isWhole: whether only whole numbers have ticks.
    ///   - isTight: whether the axis ends with the values instead of with ticks.
    package init(
        _ values: ClosedRange<Double>, from start: Double, to end: Double, intervals: Int, isWhole: Bool = false,
        isTight: Bool = false
    ) {
        let step = Self.step(for: values.upperBound - values.lowerBound, intervals: intervals, isWhole: isWhole)
        // Quotients of numbers such as 0.3 and 0.1 are off by a little, which must not cost a tick.
        let first = (values.lowerBound / step + (isTight ? -1e-9 : 1e-9)).rounded(isTight ? .up : .down)
        let last = (values.upperBound / step + (isTight ? 1e-9 : -1e-9)).rounded(isTight ? .down : .up)
        self.step = step
        let count = first <= last && (last - first) < 1000 ? Int(last - first) + 1 : 0
        ticks = (0..<count).map { (first + Double($0)) * step }
        range = isTight ? values : first * step...max(last, first + 1) * step
        self.start = start
        self.end = end
    }

    /// Where a value is drawn.
    package func position(_ value: Double) -> Double {
        let extent = range.upperBound - range.lowerBound
        return start + (end - start) * (extent > 0 ? (value - range.lowerBound) / extent : 0.5)
    }

    /// A tick as text, with as many decimals as tell it from the next.
    package func label(_ tick: Double) -> String {
        // What diverges grows beyond what has room beside an axis.
        if abs(tick) >= 1e6 { return String(format: "%.1e", tick) }
        let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
        return NumberText.decimal(tick == 0 ? 0 : tick, min(decimals, 12))
    }

    /// The width of the longest label.
    package var labelWidth: Double { ticks.map { TextWidth.of(label($0)) }.max() ?? 0 }

    /// A range that holds values and has a width even where they are all the same.
    ///
    /// - Parameters:
    ///   - values: those that are not finite are left out.
    ///   - minimum: what the range has to hold as well.
    package static func range(of values: [Double], atLeast minimum: ClosedRange<Double>? = nil) -> ClosedRange<Double> {
        let all = values.filter(\.isFinite) + (minimum.map { [$0.lowerBound, $0.upperBound] } ?? [])
        let (low, high) = (all.min() ?? 0, all.max() ?? 1)
        if low < high { return low...high }
        return low == 0 ? 0...1 : (low - abs(low) / 10)...(low + abs(low) / 10)
    }

    /// The smallest round step that makes at most so many intervals.
    private static func step(for extent: Double, intervals: Int, isWhole: Bool) -> Double {
        guard extent > 0, extent.isFinite else { return 1 }
        let smallest = extent / Double(max(intervals, 1))
        let power = pow(10, log10(smallest).rounded(.down))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= smallest * (1 - 1e-9) } ?? 10 * power
        return isWhole ? max(step, 1) : step
    }
}

/// A pair of axes with their grid, ticks and titles.
package struct PlotFrame: Sendable {
    private static let titleHeight = 26.0
    private static let footHeight = 44.0

    package let xAxis: Axis
    package let yAxis: Axis
    private let width: Double
    private let xTitle: String
    private let yTitle: String

    /// - Parameters:
    ///   - width: of the drawing, in pixels.
    ///   - height: of the drawing, in pixels.
    ///   - x: values that the x axis has to hold.
    ///   - y: values that the y axis has to hold.
    ///   - xTitle: with the unit.
    ///   - yTitle: with the unit.
    ///   - isWhole: whether x is a whole number.
    ///   - isTight: whether the x axis ends with its values instead of with ticks.
    package init(
        width: Double, height: Double, x: ClosedRange<Double>, y: ClosedRange<Double>, xTitle: String, yTitle: String,
        isWhole: Bool = false, isTight: Bool = false
    ) {
        self.width = width
        self.xTitle = xTitle
        self.yTitle = yTitle
        yAxis = Axis(y, from: height - Self.footHeight, to: Self.titleHeight + 6, intervals: 5)
        let left = yAxis.labelWidth + 10
        // The last label is centred on the end of the axis.
        xAxis = Axis(
            x, from: left + (isTight ? 8 : 0), to: width - 18, intervals: width < 500 ? 5 : 10, isWhole: isWhole,
            isTight: isTight)
    }

    /// The area where values are drawn.
    package var plot: Box {
        let left = yAxis.labelWidth + 10
        return Box(x: left, y: yAxis.end, width: width - 10 - left, height: yAxis.start - yAxis.end)
    }

    /// Where a pair of values is drawn.
    package func position(_ values: Point) -> Point {
        Point(x: xAxis.position(values.x), y: yAxis.position(values.y))
    }

    package func markup() -> [Markup] {
        let plot = plot
        var result = [SVG.text(yTitle, at: Point(x: 0, y: 13), class: "axis-title")]
        for tick in yAxis.ticks {
            let y = yAxis.position(tick)
            result.append(
                SVG.line(
                    Point(x: plot.x, y: y), Point(x: plot.right, y: y),
                    class: tick == yAxis.ticks.first ? "axis" : "grid"))
            result.append(
                SVG.text(yAxis.label(tick), at: Point(x: plot.x - 6, y: y + 4), anchor: .end, class: "tick"))
        }
        for tick in xAxis.ticks {
            let x = xAxis.position(tick)
            result.append(SVG.line(Point(x: x, y: plot.bottom), Point(x: x, y: plot.bottom + 4), class: "axis"))
            result.append(
                SVG.text(xAxis.label(tick), at: Point(x: x, y: plot.bottom + 17), anchor: .middle, class: "tick"))
        }
        result.append(
            SVG.text(xTitle, at: Point(x: plot.right, y: plot.bottom + 36), anchor: .end, class: "axis-title"))
        return result
    }
}
