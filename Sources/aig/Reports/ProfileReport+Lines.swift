import ConvNetAIG
import Foundation

extension ProfileReport {
    /// The report as text.
    func lines(_ architecture: Architecture) -> [String] {
        let wall = wallSeconds
        var lines = [
            Console.bold(architecture.summary),
            "\(device.printable()), policy \(policy), schedule \(schedule.rawValue), batch \(batch)",
            "\(Self.milliseconds(wall.median)) ms, the median of \(wall.repeats.counted("run")) "
                + "(\(Self.milliseconds(wall.min)) to \(Self.milliseconds(wall.max)))", "",
        ]
        lines += sectionLines + [""] + totalLines
        if sections.contains(where: { $0.operators != nil }) { lines += [""] + commandLines }
        return lines
    }

    private var sectionLines: [String] {
        // Only what the network has gets columns.
        let hasGates = sections.contains { $0.decidedBy != nil }
        func row(_ cells: [String], gates: [String], rest: [String]) -> [String] {
            cells + (hasGates ? gates : []) + rest
        }
        let gateColumns: [Table.Alignment] = hasGates ? [.left, .right] : []
        var table = Table([.left, .right] + gateColumns + [Table.Alignment](repeating: .right, count: 8))
        table.add(row(["ms", "images"], gates: ["decided", "gate"], rest: Self.timeTitles))
        for section in sections {
            table.add(
                row(
                    [section.name, section.images.grouped],
                    gates: [
                        section.decidedBy.map { "by \($0.rawValue)" } ?? "",
                        section.decidedBy == nil ? "" : Self.milliseconds(section.gateSeconds),
                    ],
                    rest: [
                        section.launches.grouped, Self.milliseconds(section.kernelSeconds),
                        Self.milliseconds(section.transferSeconds), Self.milliseconds(section.gapSeconds),
                        section.share.percentage, Self.milliseconds(section.hostWaitSeconds),
                        Self.millions(section.macs), Self.rate(section.gflops),
                    ]))
        }
        table.add(
            row(
                ["outside", ""], gates: ["", ""],
                rest: ["", "", "", Self.milliseconds(outsideSeconds), (outsideSeconds / wallSeconds.median).percentage])
        )
        table.add(
            row(
                ["total", batch.grouped],
                gates: ["", Self.milliseconds(sections.reduce(0) { $0 + $1.gateSeconds })],
                rest: [
                    launches.grouped, Self.milliseconds(kernelSeconds), Self.milliseconds(transferSeconds),
                    Self.milliseconds(gapSeconds + outsideSeconds),
                    ((kernelSeconds + transferSeconds + gapSeconds + outsideSeconds) / wallSeconds.median).percentage,
                    Self.milliseconds(hostWaitSeconds), Self.millions(macs), Self.rate(gflops),
                ]))
        let lines = table.lines
        return lines.prefix(1).map(Console.faint) + lines.dropFirst()
            + [Console.faint("GFLOP/s of kernel time, with 2 operations per multiply-accumulate (MAC)")]
    }

    private static let timeTitles = [
        "launches", "kernels", "transfers", "gaps", "share", "waits", "million MACs", "GFLOP/s",
    ]

    private var totalLines: [String] {
        var table = Table([.left] + [Table.Alignment](repeating: .left, count: 4))
        func cell(_ name: String, _ seconds: Double) -> String {
            "\(name) \(Self.milliseconds(seconds)) ms (\((seconds / wallSeconds.median).percentage))"
        }
        table.add([
            "device", cell("kernels", kernelSeconds), cell("transfers", transferSeconds), cell("gaps", gapSeconds),
            cell("outside", outsideSeconds),
        ])
        table.add([
            "host", cell("waiting", hostWaitSeconds), cell("launching", hostCallSeconds),
            cell("other", hostOtherSeconds),
        ])
        var lines = table.lines
        if macs != denseMacs {
            lines.append("MACs    \((Double(macs) / Double(max(denseMacs, 1))).percentage) of the dense network's")
        }
        if let costs = schedulingCosts {
            lines.append(
                "costs   measured for the automatic schedule: a launch \(Self.microseconds(costs.launchSeconds)) us, "
                    + "an idle work-group \(Self.microseconds(costs.idleGroupSeconds)) us, "
                    + "a decision read \(Self.microseconds(costs.readSeconds)) us")
        }
        return lines
    }

    private var commandLines: [String] {
        var table = Table([.left, .left, .left, .left, .right, .right, .right])
        table.add(["part", "operator", "kernel", "work-items", "us", "gap", "GFLOP/s"])
        for section in sections {
            for part in section.operators ?? [] {
                for (index, command) in part.commands.enumerated() {
                    // The rate is that of all kernels of the operator.
                    let isLast = index == part.commands.count - 1
                    table.add([
                        index == 0 ? section.name : "", index == 0 ? part.title : "", command.name,
                        command.isKernel ? command.globalSize.extents : command.byteCount.byteCount,
                        Self.microseconds(command.duration), Self.microseconds(command.gap),
                        isLast && part.macs > 0 ? Self.rate(part.gflops) : "",
                    ])
                }
            }
        }
        let lines = table.lines
        return lines.prefix(1).map(Console.faint) + lines.dropFirst()
    }

    private static func milliseconds(_ seconds: Double) -> String { String(format: "%.3f", seconds * 1e3) }

    private static func microseconds(_ seconds: Double) -> String {
        String(format: seconds > 0 && seconds < 1e-6 ? "%.3f" : "%.1f", seconds * 1e6)
    }

    private static func millions(_ macs: Int) -> String {
        macs == 0 ? "-" : String(format: macs < 1_000_000 ? "%.3f" : "%.1f", Double(macs) * 1e-6)
    }

    private static func rate(_ gflops: Double) -> String { gflops > 0 ? String(format: "%.1f", gflops) : "-" }
}
