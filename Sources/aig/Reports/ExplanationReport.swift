import Charts
import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGStudies
import Foundation
import Terminal

/// The output of `aig explain`. Keys that `aig classify --json` has too are the same.
struct ExplanationReport: Encodable {
    struct Flip: Encodable {
        /// Index among all blocks.
        let block: Int
        let name: String
        /// Index among all gates.
        let gate: Int
        let wasOpen: Bool
        let gateProbability: Float
        let gates: [Bool]
        let classes: [ImageReport.ClassResult]
        let macs: Int
        let changesPrediction: Bool
        let probabilityChange: Double
        /// In nats.
        let klDivergence: Double
    }

    let file: String
    let device: String
    let architecture: String
    let policy: String
    let classes: [ImageReport.ClassResult]
    let graph: ImageReport.Graph
    let macs: Int
    let macsDense: Int
    let laterGates: Explanation.LaterGates
    let flips: [Flip]

    init(file: String, _ explanation: Explanation, session: Session, policy: GatePolicy) {
        self.file = file
        device = session.deviceName
        architecture = session.architecture.name
        self.policy = policy.description
        classes = explanation.topClasses.map(ImageReport.ClassResult.init)
        graph = ImageReport.Graph(explanation.graph)
        macs = explanation.graph.macs
        macsDense = explanation.graph.denseMACs
        laterGates = explanation.laterGates
        flips = explanation.flips.map {
            Flip(
                block: $0.block, name: $0.name, gate: $0.gate, wasOpen: $0.wasOpen,
                gateProbability: $0.gateProbability, gates: $0.gates,
                classes: $0.topClasses.map(ImageReport.ClassResult.init), macs: $0.macs,
                changesPrediction: $0.changesPrediction, probabilityChange: $0.probabilityChange,
                klDivergence: $0.klDivergence)
        }
    }
}

extension ExplanationReport {
    /// The width that the report keeps to; only the names of files and devices may be longer.
    private static let width = 80
    /// Smaller divergences from the image's own distribution are called none, in nats.
    private static let negligible = 0.01
    /// How many of the blocks that mattered most are named.
    private static let named = 5

    /// The report as text.
    func lines(_ architecture: Architecture) -> [String] {
        let then = flips.contains(where: \.changesPrediction) ? ", then" : ""
        let held = laterGates == .held ? "held" : "asked again"
        var lines = [
            "\(self.architecture.printable()) on \(device.printable()), policy \(policy)", "",
            Console.bold(file.printable()),
        ]
        lines += routeLines(architecture)
        if !flips.isEmpty {
            lines.append(
                Console.faint("  points, KL\(then): had this gate alone decided otherwise, later ones \(held)"))
        }
        lines += ["", ImageLines.cost(executed: graph.executed, macs: macs, macsDense: macsDense)]
        lines += ImageLines.classes(classes)
        return lines + conclusion
    }

    private func routeLines(_ architecture: Architecture) -> [String] {
        let byBlock = Dictionary(flips.map { ($0.block, $0) }) { first, _ in first }
        let blocks = architecture.blocks
        let branches = architecture.cost.blocks.map(\.branch.macs)
        let effects: [TextTable.Alignment] = flips.isEmpty ? [] : [.right, .right]
        var table = TextTable([.left, .left, .right, .left, .right] + effects)
        table.append(["    block", "output", "gate", "", "MACs"] + (flips.isEmpty ? [] : ["points", "KL"]))
        for block in blocks {
            let flip = byBlock[block.index]
            table.append(
                [
                    "  \(runs(block.index) ? "■" : "□") \(block.name)",
                    [block.outputChannels, block.outputHeight, block.outputWidth].extents,
                    flip.map { String(format: "%.2f", $0.gateProbability) } ?? "-",
                    flip.map { ImageLines.bar($0.gateProbability, length: 8) } ?? "",
                    String(format: "%.2f M", Double(branches[block.index]) / 1e6),
                ]
                    + (flip.map { [EffectText.points($0.probabilityChange), EffectText.nats($0.klDivergence)] } ?? []))
        }
        let rows = table.lines
        let columns = rows.map(\.count).max() ?? 0
        let then = flips.contains(where: \.changesPrediction) ? "  then" : ""
        var lines = [Console.faint(Self.padded(rows[0], to: columns) + then)]
        for (block, row) in zip(blocks, rows.dropFirst()) {
            if block.indexInStage == 0, block.index > 0 { lines.append("") }
            var line = row
            if runs(block.index) {
                line.replace("■", with: Console.blue("■"), maxReplacements: 1)
            } else {
                line = Console.faint(row)
            }
            // What is invisible takes no place, so that the padding is that of the bare row.
            if let flip = byBlock[block.index], flip.changesPrediction, let score = flip.classes.first {
                let padding = String(repeating: " ", count: columns - row.count + 2)
                line += padding + Console.yellow(TextWidth.shortened(score.label, to: Self.width - columns - 2))
            }
            lines.append(line)
        }
        return lines
    }

    /// The blocks that mattered most, and those that made no difference.
    private var conclusion: [String] {
        guard !flips.isEmpty else { return ["", "  no block has a gate: every picture runs the same"] }
        func matters(_ flip: Flip) -> Bool { flip.changesPrediction || flip.klDivergence >= Self.negligible }
        let most = flips.filter(matters).sorted { ($0.klDivergence, -$0.gate) > ($1.klDivergence, -$1.gate) }
        let none = flips.filter { !matters($0) }
        return [""]
            + Self.wrapped(
                "mattered most:", most.isEmpty ? ["none"] : most.prefix(Self.named).map(\.name))
            + Self.wrapped(
                "made no difference (KL below \(Self.negligible)):", none.isEmpty ? ["none"] : Self.runs(of: none))
    }

    private func runs(_ block: Int) -> Bool { block < graph.executed.count ? graph.executed[block] : true }

    /// The blocks' names; three or more in a row are given as the first and the last.
    private static func runs(of flips: [Flip]) -> [String] {
        var runs: [[Flip]] = []
        for flip in flips {
            if let last = runs.last?.last, last.block + 1 == flip.block,
                last.name.prefix(while: { $0 != "." }) == flip.name.prefix(while: { $0 != "." })
            {
                runs[runs.count - 1].append(flip)
            } else {
                runs.append([flip])
            }
        }
        return runs.flatMap { run in
            guard run.count > 2, let first = run.first, let last = run.last else { return run.map(\.name) }
            return ["\(first.name) to \(last.name)"]
        }
    }

    /// A title followed by items, in as many lines as they need.
    private static func wrapped(_ title: String, _ items: [String]) -> [String] {
        var lines: [String] = []
        var line = "  " + title
        for (index, item) in items.enumerated() {
            let text = item + (index == items.count - 1 ? "" : ",")
            if line.count + 1 + text.count > width {
                lines.append(line)
                line = "   "
            }
            line += " " + text
        }
        return lines + [line]
    }

    private static func padded(_ text: String, to count: Int) -> String {
        text + String(repeating: " ", count: max(count - text.count, 0))
    }
}
