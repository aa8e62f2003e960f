import ConvNetAIGReport
import Foundation

/// What `aig attack` shows.
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

    /// In the order in which they were attacked.
    private var models: [String] {
        figures.rows.reduce(into: []) { models, row in
            if !models.contains(row.model) { models.append(row.model) }
        }
    }

    private func table(_ model: String) -> Table {
        let rows = figures.rows.filter { $0.model == model }
        let quality = rows.lazy.compactMap(\.jpegQuality).first
        let hasGates = rows.contains { $0.changedDecisions != nil }
        var table = Table([.right, .right, .right, .right, .right, .right])
        table.add(
            ["epsilon", "top 1"] + (quality.map { ["JPEG \($0)"] } ?? [])
                + (hasGates ? ["MACs", "decisions changed", "same graph"] : []))
        for row in rows where row.jpegQuality == nil {
            let recompressed = rows.first { $0.epsilon == row.epsilon && $0.jpegQuality != nil }
            var cells = [String(format: "%g", row.epsilon), row.top1.percentage]
            if let recompressed { cells.append(recompressed.top1.percentage) }
            if let changed = row.changedDecisions, let same = row.sameGraph {
                cells += [row.macShare.percentage, changed.percentage, same.percentage]
            }
            table.add(cells)
        }
        return table
    }
}
