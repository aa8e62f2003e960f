import ConvNetAIG
import Foundation

/// Thresholds of all gates as a function of one number: the higher, the more blocks run.
///
/// Gates that share a threshold get the quantile of their log-odds at which a given share of them opens: so the number
/// means the same whatever the scale of a network's log-odds.
struct ThresholdFamily {
    let method: BudgetCalibration.Method
    private let gates: Int
    /// Of all gates together, or of each by itself, in ascending order, with the gates at `argmax`.
    private let logOdds: [[Float]]
    /// The log-odds of the share of these that open at `argmax`.
    private let rates: [Double]

    /// - Parameter argmax: the pass at thresholds 0.
    init(_ method: BudgetCalibration.Method, argmax: CalibrationPass) {
        self.method = method
        gates = argmax.logOdds.count
        let groups = method == .global ? [argmax.logOdds.flatMap(\.self)] : argmax.logOdds
        logOdds = groups.map { $0.sorted() }
        rates = groups.map { values in
            // As if there were one image more on either side: a gate that is always open can be closed for some.
            let open = Double(values.count { $0 > 0 })
            return log((open + 0.5) / (Double(values.count) - open + 0.5))
        }
    }

    /// What is beyond every image that was measured, on either side.
    static let ends: ClosedRange<Double> = -14...14

    /// - Parameter position: what is added to the log-odds of the share that opens; 0 is near `argmax`.
    func thresholds(at position: Double) -> [Float] {
        if position <= Self.ends.lowerBound { return [Float](repeating: BudgetCalibration.never, count: gates) }
        if position >= Self.ends.upperBound { return [Float](repeating: BudgetCalibration.always, count: gates) }
        let thresholds = zip(logOdds, rates).map { values, rate in
            Self.quantile(values, 1 - 1 / (1 + exp(-(rate + position))))
        }
        return method == .global ? [Float](repeating: thresholds.first ?? 0, count: gates) : thresholds
    }

    /// Between the two values around it; beyond all of them where nearly none are left on a side.
    private static func quantile(_ sorted: [Float], _ share: Double) -> Float {
        guard let first = sorted.first, let last = sorted.last else { return 0 }
        let place = share * Double(sorted.count) - 0.5
        if place < 0 { return first - 1 }
        if place >= Double(sorted.count - 1) { return last + 1 }
        let below = Int(place)
        return sorted[below] + Float(place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
