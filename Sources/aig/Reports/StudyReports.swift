import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGStudies
import Foundation
import Terminal

/// The output of `aig attack`.
struct AttackReport {
    private let figures: RobustnessFigures

    init(_ figures: RobustnessFigures) {
        self.figures = figures
    }

    var lines: [String] {
        var lines = ["\(figures.attack) on \(figures.images.counted("picture")), epsilons in units of 1/255"]
        for model in models {
            lines += ["", model.printable()] + table(model).lines.map { "  " + $0 }
        }
        return lines
    }

    /// The networks in the order in which they were attacked.
    private var models: [String] {
        figures.rows.reduce(into: []) { models, row in
            if !models.contains(row.model) { models.append(row.model) }
        }
    }

    private func table(_ model: String) -> TextTable {
        let rows = figures.rows.filter { $0.model == model }
        let quality = rows.lazy.compactMap(\.jpegQuality).first
        let hasGates = rows.contains { $0.changedDecisions != nil }
        var table = TextTable([.right, .right, .right, .right, .right, .right])
        table.append(
            ["epsilon", "top 1"] + (quality.map { ["JPEG \($0)"] } ?? [])
                + (hasGates ? ["MACs", "decisions changed", "same graph"] : []))
        for row in rows where row.jpegQuality == nil {
            let recompressed = rows.first { $0.epsilon == row.epsilon && $0.jpegQuality != nil }
            var cells = [String(format: "%g", row.epsilon), row.top1.percentage]
            if let recompressed { cells.append(recompressed.top1.percentage) }
            if let changed = row.changedDecisions, let same = row.sameGraph {
                cells += [row.macShare.percentage, changed.percentage, same.percentage]
            }
            table.append(cells)
        }
        return table
    }
}

/// The output of `aig calibrate`: both curves at some budgets.
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
        var table = TextTable([.right, .right, .right])
        table.append(["MACs", "one threshold", "one per block"])
        for budget in stride(from: 0.05, through: 1, by: 0.05) {
            let (global, perBlock) = (curves.top1(.global, at: budget), curves.top1(.perBlock, at: budget))
            guard global != nil || perBlock != nil else { continue }
            table.append([budget.percentage, global?.percentage ?? "", perBlock?.percentage ?? ""])
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
