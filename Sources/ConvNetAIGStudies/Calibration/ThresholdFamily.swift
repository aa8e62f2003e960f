import ConvNetAIG
import Foundation

/// Thresholds of all gates as a function of one number: the higher, the more blocks run.
///
/// The thresholds are the quantiles of the gates' log-odds at which a given share of the gates opens, so that the number
/// means the same whatever the scale of a network's log-odds.
struct ThresholdFamily {
    let method: BudgetCalibration.Method
    private let gates: Int
    /// The log-odds of all gates together, or of each gate by itself, in ascending order, with the gates at `argmax`.
    private let logOdds: [[Float]]
    /// For each list of these, the log-odds of the share of them that opens at `argmax`.
    private let rates: [Double]

    /// - Parameter argmax: the pass at thresholds 0.
    init(_ method: BudgetCalibration.Method, argmax: CalibrationPass) {
        self.method = method
        gates = argmax.logOdds.count
        let groups = method == .global ? [argmax.logOdds.flatMap(\.self)] : argmax.logOdds
        logOdds = groups.map { $0.sorted() }
        rates = groups.map { values in
            // As if one more image were half open and half closed: a gate that is always open can then be closed for some.
            let open = Double(values.count { $0 > 0 })
            return log((open + 0.5) / (Double(values.count) - open + 0.5))
        }
    }

    /// Positions at which all gates are closed, and open, for every image.
    static let ends: ClosedRange<Double> = -14...14

    /// - Parameter position: the number that is added to the log-odds of the share that opens; 0 is near `argmax`.
    func thresholds(at position: Double) -> [Float] {
        if position <= Self.ends.lowerBound { return [Float](repeating: BudgetCalibration.never, count: gates) }
        if position >= Self.ends.upperBound { return [Float](repeating: BudgetCalibration.always, count: gates) }
        let thresholds = zip(logOdds, rates).map { values, rate in
            Self.quantile(values, 1 - 1 / (1 + exp(-(rate + position))))
        }
        return method == .global ? [Float](repeating: thresholds.first ?? 0, count: gates) : thresholds
    }

    /// A threshold between the two values around the quantile, or beyond all values if nearly none is left on a side.
    private static func quantile(_ sorted: [Float], _ share: Double) -> Float {
        guard let first = sorted.first, let last = sorted.last else { return 0 }
        let place = share * Double(sorted.count) - 0.5
        if place < 0 { return first - 1 }
        if place >= Double(sorted.count - 1) { return last + 1 }
        let below = Int(place)
        return sorted[below] + Float(place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
