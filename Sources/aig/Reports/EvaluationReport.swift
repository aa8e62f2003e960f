import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import Foundation
import Terminal

/// The output of `aig evaluate`.
struct EvaluationReport: Encodable {
    struct Class: Encodable {
        let name: String
        let images: Int
        let top1: Double
        /// Nil for a class without images; the key is left out then.
        let top1Interval: ConfidenceInterval?
        /// For each gated block.
        let executionRates: [Double]

        private enum CodingKeys: String, CodingKey {
            case name, top1
            case images = "pictures"
            case top1Interval = "top1_interval"
            case executionRates = "execution_rates"
        }
    }

    /// How many images of one class were classified as another. Only pairs that occur are listed, in the order of the
    /// network's classes: a thousand classes take no more room than their images.
    struct Confusion: Encodable {
        /// The images' class.
        let actual: String
        let predicted: String
        /// The classes' indices in the network: two classes may have the same name.
        let actualIndex: Int
        let predictedIndex: Int
        let count: Int

        private enum CodingKeys: String, CodingKey {
            case predicted, count
            case actual = "true"
            case actualIndex = "true_index"
            case predictedIndex = "predicted_index"
        }
    }

    let architecture: String
    let device: String
    let policy: String
    let images: Int
    let skipped: Int
    let top1: Double
    /// 95 % interval; nil without images, and the key is left out then.
    let top1Interval: ConfidenceInterval?
    let top5: Double
    let top5Interval: ConfidenceInterval?
    /// Multiply-accumulates spent on an image, on average, and with every block.
    let meanMACs: Double
    let denseMACs: Int
    let macShare: Double
    /// Names of the gated blocks.
    let blocks: [String]
    /// For each gated block.
    let executionRates: [Double]
    let classes: [Class]
    let confusion: [Confusion]

    private enum CodingKeys: String, CodingKey {
        case architecture, device, policy, skipped, top1, top5, blocks, classes, confusion
        case images = "pictures"
        case top1Interval = "top1_interval"
        case top5Interval = "top5_interval"
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
        images = evaluation.count
        skipped = evaluation.failures.count
        top1 = evaluation.top1
        top1Interval = evaluation.top1Interval
        top5 = evaluation.top5
        top5Interval = evaluation.top5Interval
        meanMACs = evaluation.meanMACs
        denseMACs = session.cost.macs
        macShare = evaluation.meanMACs / Double(session.cost.macs)
        let all = architecture.blocks
        blocks = architecture.gatedBlocks.map { all[$0].name }
        executionRates = evaluation.executionRates
        // Each is counted anew when asked for.
        let (counts, accuracies) = (evaluation.countsByClass, evaluation.top1ByClass)
        let (intervals, rates) = (evaluation.top1IntervalsByClass, evaluation.executionRatesByClass)
        classes = evaluation.classes.indices.map { index in
            Class(
                name: evaluation.classes[index], images: counts[index], top1: accuracies[index],
                top1Interval: intervals[index], executionRates: rates[index])
        }
        let names = evaluation.networkClasses
        confusion = evaluation.confusion.entries.map { entry in
            Confusion(
                actual: names[entry.actual], predicted: names[entry.predicted], actualIndex: entry.actual,
                predictedIndex: entry.predicted, count: entry.count)
        }
    }

    var lines: [String] {
        // Of classes without images, the numbers would mean nothing.
        let classes = classes.filter { $0.images > 0 }
        var lines = [
            "\(architecture.printable()) on \(images.counted("picture"))"
                + (skipped > 0 ? ", \(skipped) left out" : "") + ", gates by \(policy)",
            "  top 1  \(top1.percentage(decimals: 2))" + (top1Interval.map { ", 95 % interval \(range($0)) %" } ?? ""),
            "  top 5  \(top5.percentage(decimals: 2))" + (top5Interval.map { ", 95 % interval \(range($0)) %" } ?? ""),
            "  MACs   \(Int(meanMACs.rounded()).grouped) a picture, \(macShare.percentage(decimals: 2)) of \(denseMACs.grouped)",
        ]
        guard !blocks.isEmpty else {
            return lines
                + classes.map { row in
                    "  \(row.name.printable()): \(row.top1.percentage(decimals: 2))"
                        + (row.top1Interval.map { " (\(range($0)))" } ?? "")
                }
        }
        lines.append("Share of pictures that ran each block, in percent, after top 1 with its 95 % interval:")
        var table = TextTable([.left, .right, .right] + blocks.map { _ in .right })
        func add(_ name: String, _ top1: Double, _ interval: ConfidenceInterval?, _ rates: [Double]) {
            table.append(
                [name.printable(), top1.percentage(decimals: 2), interval.map { "(\(range($0)))" } ?? ""]
                    + rates.map { "\(Int((100 * $0).rounded()))" })
        }
        add("all", top1, top1Interval, executionRates)
        for row in classes { add(row.name, row.top1, row.top1Interval, row.executionRates) }
        return lines + table.lines.map { "  " + $0 }
    }

    /// An interval in percent.
    private func range(_ interval: ConfidenceInterval) -> String {
        String(format: "%.2f to %.2f", 100 * interval.low, 100 * interval.high)
    }
}
