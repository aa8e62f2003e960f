import ConvNetAIG
import Foundation
import Terminal

/// The output of `aig profile`. Times are in seconds.
struct ProfileReport: Encodable {
    struct Section: Encodable {
        let name: String
        /// Who reads the gate's decision; nil without a gate.
        let decidedBy: Scheduling?
        /// The number of images for which the section ran.
        let images: Int
        let launches: Int
        let kernelSeconds: Double
        /// The gate's part of `kernelSeconds`.
        let gateSeconds: Double
        let transferSeconds: Double
        let gapSeconds: Double
        let hostWaitSeconds: Double
        let hostCallSeconds: Double
        let macs: Int
        /// 2 operations per MAC.
        let gflops: Double
        /// As a share of the wall time.
        let share: Double
        /// Nil unless `--kernels` is given.
        let operators: [Operator]?
    }

    struct Operator: Encodable {
        let title: String
        let launchedImages: Int
        let images: Int
        let macs: Int
        let gflops: Double
        let commands: [Recording.Command]
    }

    struct Costs: Encodable {
        let launchSeconds: Double
        let idleGroupSeconds: Double
        let readSeconds: Double
    }

    struct WallTimes: Encodable {
        let median: Double
        let min: Double
        let max: Double
        let repeats: Int
    }

    let architecture: String
    let device: String
    let policy: String
    let schedule: Scheduling
    /// The costs that the automatic schedule measured; nil for other schedules.
    let schedulingCosts: Costs?
    let batch: Int
    /// Over all runs. Everything else is of the run with the median time.
    let wallSeconds: WallTimes
    let launches: Int
    let kernelSeconds: Double
    let transferSeconds: Double
    let gapSeconds: Double
    /// The time before the device's first command and after its last.
    let outsideSeconds: Double
    let hostWaitSeconds: Double
    let hostCallSeconds: Double
    /// The host's time between its calls.
    let hostOtherSeconds: Double
    let macs: Int
    let denseMacs: Int
    let gflops: Double
    let sections: [Section]

    /// - Parameters:
    ///   - wallTimes: of all runs, in seconds.
    ///   - kernels: whether to list every command.
    init(
        _ profile: Profile, _ architecture: Architecture, policy: GatePolicy, wallTimes: [Double], kernels: Bool
    ) {
        self.architecture = architecture.name
        device = profile.deviceName
        self.policy = policy.description
        schedule = profile.scheduling
        schedulingCosts = profile.costs.map {
            Costs(launchSeconds: $0.launch, idleGroupSeconds: $0.idleGroup, readSeconds: $0.read)
        }
        batch = profile.images
        wallSeconds = WallTimes(
            median: profile.wallTime, min: wallTimes.min() ?? profile.wallTime,
            max: wallTimes.max() ?? profile.wallTime, repeats: wallTimes.count)
        launches = profile.launches
        kernelSeconds = profile.kernelTime
        transferSeconds = profile.transferTime
        gapSeconds = profile.gapTime
        outsideSeconds = profile.outsideTime
        hostWaitSeconds = profile.waitTime
        hostCallSeconds = profile.callTime
        hostOtherSeconds = profile.hostTime
        macs = profile.macs
        denseMacs = profile.denseMACs
        gflops = Self.gflops(profile)
        sections = profile.sections.map { section in
            Section(
                name: section.name, decidedBy: section.decider, images: section.images, launches: section.launches,
                kernelSeconds: section.kernelTime, gateSeconds: section.gateTime,
                transferSeconds: section.transferTime, gapSeconds: section.gapTime,
                hostWaitSeconds: section.waitTime, hostCallSeconds: section.callTime, macs: section.macs,
                gflops: Self.gflops(section), share: section.deviceTime / profile.wallTime,
                operators: kernels ? section.operators.map(Operator.init) : nil)
        }
    }

    fileprivate static func gflops(_ times: some ProfileTimes) -> Double { 2e-9 * times.macsPerSecond }
}

extension ProfileReport.Operator {
    init(_ profiled: Profile.Operator) {
        title = profiled.title
        launchedImages = profiled.launchedImages
        images = profiled.images
        macs = profiled.macs
        gflops = ProfileReport.gflops(profiled)
        commands = profiled.commands
    }
}

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
        let gateColumns: [TextTable.Alignment] = hasGates ? [.left, .right] : []
        var table = TextTable([.left, .right] + gateColumns + [TextTable.Alignment](repeating: .right, count: 8))
        table.append(row(["ms", "images"], gates: ["decided", "gate"], rest: Self.timeTitles))
        for section in sections {
            table.append(
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
        table.append(
            row(
                ["outside", ""], gates: ["", ""],
                rest: ["", "", "", Self.milliseconds(outsideSeconds), (outsideSeconds / wallSeconds.median).percentage])
        )
        table.append(
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
        var table = TextTable([.left] + [TextTable.Alignment](repeating: .left, count: 4))
        func cell(_ name: String, _ seconds: Double) -> String {
            "\(name) \(Self.milliseconds(seconds)) ms (\((seconds / wallSeconds.median).percentage))"
        }
        table.append([
            "device", cell("kernels", kernelSeconds), cell("transfers", transferSeconds), cell("gaps", gapSeconds),
            cell("outside", outsideSeconds),
        ])
        table.append([
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
        var table = TextTable([.left, .left, .left, .left, .right, .right, .right])
        table.append(["part", "operator", "kernel", "work-items", "us", "gap", "GFLOP/s"])
        for section in sections {
            for part in section.operators ?? [] {
                for (index, command) in part.commands.enumerated() {
                    // The rate is that of all kernels of the operator.
                    let isLast = index == part.commands.count - 1
                    table.append([
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
