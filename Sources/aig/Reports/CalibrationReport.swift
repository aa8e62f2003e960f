import ConvNetAIG
import ConvNetAIGStudies
import Foundation

/// What `aig calibrate` shows: both curves at some budgets.
struct CalibrationReport {
    private let curves: BudgetCurves
    private let calibration: BudgetCalibration
    private let path: String

    init(_ curves: BudgetCurves, _ calibration: BudgetCalibration, path: String) {
        self.curves = curves
        self.calibration = calibration
        self.path = path
    }

    var lines: [String] {
        var table = Table([.right, .right, .right])
        table.add(["MACs", "one threshold", "one per block"])
        for budget in stride(from: 0.05, through: 1, by: 0.05) {
            let (global, perBlock) = (curves.top1(.global, at: budget), curves.top1(.perBlock, at: budget))
            guard global != nil || perBlock != nil else { continue }
            table.add([budget.percentage, global?.percentage ?? "", perBlock?.percentage ?? ""])
        }
        let method = calibration.method == .global ? "one threshold for all gates" : "a threshold for each gate"
        let least = calibration.positions.first?.share ?? 1
        return ["Accuracy on \(calibration.images.counted("picture")) at shares of the dense network's MACs:"]
            + table.lines.map { "  " + $0 }
            + [
                "\(path.printable()) has budgets from \(least.percentage) by \(method), which is the more accurate on "
                    + "average."
            ]
            + calibration.jumps(above: 2 * BudgetCurves.defaultResolution).map {
                "A budget between \($0.lowerBound.percentage) and \($0.upperBound.percentage) may cost up to "
                    + "\($0.upperBound.percentage): a gate has the same log-odds for many pictures, and opens for all of "
                    + "them at once."
            }
    }
}
