import ConvNetAIG
import Foundation

/// Thresholds of all gates as a function of one number: the higher, the more blocks run.
struct ThresholdFamily {
    let method: BudgetCalibration.Method
    private let gates: Int
    /// Of each gated block, the pictures' log-odds in ascending order, with the gates at `argmax`.
    private let logOdds: [[Float]]
    /// Of each gated block, the log-odds of its execution rate with the gates at `argmax`.
    private let rates: [Double]

    /// - Parameter argmax: the pass at thresholds 0.
    init(_ method: BudgetCalibration.Method, argmax: CalibrationPass) {
        self.method = method
        gates = argmax.logOdds.count
        logOdds = argmax.logOdds.map { $0.sorted() }
        rates = argmax.logOdds.map { values in
            // As if there were one picture more on either side: a gate that is always open can be closed for some.
            let open = Double(values.count { $0 > 0 })
            return log((open + 0.5) / (Double(values.count) - open + 0.5))
        }
    }

    /// What is beyond every picture that was measured, on either side.
    static let ends: ClosedRange<Double> = -14...14

    /// - Parameter position: 0 is `argmax`. With one threshold for all, its negative; else what is added to the log-odds of
    ///   each block's execution rate: the threshold is the quantile of the block's log-odds that gives the new rate.
    func thresholds(at position: Double) -> [Float] {
        if position <= Self.ends.lowerBound { return [Float](repeating: BudgetCalibration.never, count: gates) }
        if position >= Self.ends.upperBound { return [Float](repeating: BudgetCalibration.always, count: gates) }
        switch method {
        case .global: return [Float](repeating: Float(-position), count: gates)
        case .perBlock:
            return zip(logOdds, rates).map { values, rate in
                Self.quantile(values, 1 - 1 / (1 + exp(-(rate + position))))
            }
        }
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
