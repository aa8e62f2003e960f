import ConvNetAIG
import ConvNetAIGTraining
import Foundation

/// What `aig evaluate` shows.
struct EvaluationReport: Encodable {
    struct Class: Encodable {
        let name: String
        let pictures: Int
        let top1: Double
        /// Of each gated block.
        let executionRates: [Double]

        private enum CodingKeys: String, CodingKey {
            case name, pictures, top1
            case executionRates = "execution_rates"
        }
    }

    let architecture: String
    let device: String
    let policy: String
    let pictures: Int
    let skipped: Int
    let top1: Double
    let top5: Double
    /// Multiply-accumulates spent on a picture, on average, and with every block.
    let meanMACs: Double
    let denseMACs: Int
    let macShare: Double
    /// Names of the gated blocks.
    let blocks: [String]
    /// Of each gated block.
    let executionRates: [Double]
    let classes: [Class]

    private enum CodingKeys: String, CodingKey {
        case architecture, device, policy, pictures, skipped, top1, top5, blocks, classes
        case meanMACs = "mean_macs"
        case denseMACs = "dense_macs"
        case macShare = "mac_share"
        case executionRates = "execution_rates"
    }

    init(_ evaluation: Evaluation, of session: Session, policy: GatePolicy) {
        let architecture = session.architecture
        self.architecture = architecture.name
        device = session.deviceName
        self.policy = "\(policy)"
        pictures = evaluation.count
        skipped = evaluation.failures.count
        top1 = evaluation.top1
        top5 = evaluation.top5
        meanMACs = evaluation.meanMACs
        denseMACs = session.cost.macs
        macShare = evaluation.meanMACs / Double(session.cost.macs)
        let all = architecture.blocks
        blocks = architecture.gatedBlocks.map { all[$0].name }
        executionRates = evaluation.executionRates
        classes = evaluation.classes.indices.map { index in
            Class(
                name: evaluation.classes[index], pictures: evaluation.countsByClass[index],
                top1: evaluation.top1ByClass[index], executionRates: evaluation.executionRatesByClass[index])
        }
    }

    var lines: [String] {
        // Of classes without pictures, the numbers would mean nothing.
        let classes = classes.filter { $0.pictures > 0 }
        var lines = [
            "\(architecture.printable()) on \(pictures.counted("picture"))"
                + (skipped > 0 ? ", \(skipped) left out" : "") + ", gates by \(policy)",
            "  top 1  \(percent(top1))",
            "  top 5  \(percent(top5))",
            "  MACs   \(Int(meanMACs.rounded()).grouped) a picture, \(percent(macShare)) of \(denseMACs.grouped)",
        ]
        guard !blocks.isEmpty else {
            return lines + classes.map { "  \($0.name.printable()): \(percent($0.top1))" }
        }
        lines.append("Share of pictures that ran each block, in percent:")
        let width = max(classes.map { $0.name.printable().count }.max() ?? 0, "all".count)
        func row(_ name: String, _ top1: Double, _ rates: [Double]) -> String {
            let cells = rates.map { rate in
                let text = "\(Int((100 * rate).rounded()))"
                return String(repeating: " ", count: 4 - text.count) + text
            }
            return "  " + name.printable().padding(toLength: width, withPad: " ", startingAt: 0) + "  "
                + percent(top1) + " " + cells.joined()
        }
        lines.append(row("all", top1, executionRates))
        lines += classes.map { row($0.name, $0.top1, $0.executionRates) }
        return lines
    }

    private func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }
}
