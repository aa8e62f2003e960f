import Foundation

/// Maps the values of an axis to places in a drawing, and chooses its ticks: multiples of 1, 2 or 5 times a power of ten.
package struct Axis: Sendable {
    /// The values at the axis's ends.
    let range: ClosedRange<Double>
    /// Ascending.
    package let ticks: [Double]
    let start: Double
    let end: Double
    private let step: Double

    /// - Parameters:
    ///   - values: what the axis has to hold.
    ///   - start: where its lower end is drawn.
    ///   - end: where its upper end is drawn.
    ///   - intervals: between ticks, at most.
    ///   - isWhole: whether there is nothing between whole numbers.
    ///   - isTight: ends with the values, and not with ticks.
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

    /// The room that the longest of the labels takes.
    var labelWidth: Double { ticks.map { TextWidth.of(label($0)) }.max() ?? 0 }

    /// A range that holds these values, with something to either side where they are all the same.
    package static func range(of values: [Double], atLeast: ClosedRange<Double>? = nil) -> ClosedRange<Double> {
        let all = values.filter(\.isFinite) + (atLeast.map { [$0.lowerBound, $0.upperBound] } ?? [])
        let (low, high) = (all.min() ?? 0, all.max() ?? 1)
        if low < high { return low...high }
        return low == 0 ? 0...1 : (low - abs(low) / 10)...(low + abs(low) / 10)
    }

    /// The smallest round step that makes no more than so many intervals.
    private static func step(for extent: Double, intervals: Int, isWhole: Bool) -> Double {
        guard extent > 0, extent.isFinite else { return 1 }
        let least = extent / Double(max(intervals, 1))
        let power = pow(10, log10(least).rounded(.down))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= least * (1 - 1e-9) } ?? 10 * power
        return isWhole ? max(step, 1) : step
    }
}
