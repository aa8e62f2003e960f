import ConvNetAIG
import Foundation
import OpenCL

/// What goes to standard output: where and how was measured, the tables, and how to read them.
struct Report {
    let device: Device
    let date: Date
    let scheduling: Scheduling
    let images: ImageSource
    let seed: UInt64
    let results: ResultSet

    var text: String {
        [header, networks.text, timings.text, notes].joined(separator: "\n\n")
    }

    private var header: String {
        let units = "\(device.computeUnits) compute units"
        let clock = device.maxClockMHz > 0 ? ", \(device.maxClockMHz) MHz" : ""
        return """
            ResNet against ConvNet-AIG on one device
            device      \(device.description), \(units)\(clock)
            driver      \(device.driverVersion), \(device.version)
            date        \(date.formatted(.iso8601))
            scheduling  \(scheduling.rawValue)
            pictures    \(images.description)
            seed        \(seed)
            """
    }

    private var networks: TextTable {
        var table = TextTable([
            ("network", .left), ("parameters", .right), ("MACs, all blocks", .right),
        ])
        var seen: Set<String> = []
        for row in results.rows.map(\.result) where seen.insert(row.architecture).inserted {
            table.append([
                row.architecture, NumberText.large(Double(row.parameters)),
                NumberText.large(Double(row.macsDense)),
            ])
        }
        return table
    }

    private var timings: TextTable {
        var table = TextTable([
            ("network", .left), ("routes", .left), ("batch", .right), ("blocks", .right), ("MACs", .right),
            ("p50 ms", .right), ("p90 ms", .right), ("images/s", .right), ("GFLOP/s", .right),
            ("speed-up", .right),
            ("by MACs", .right), ("runs", .right),
        ])
        for row in results.rows {
            let result = row.result
            // A ResNet begins a comparison.
            if result.architecture.hasPrefix("resnet-") { table.appendGap() }
            table.append([
                result.architecture, result.routes, "\(result.batch)",
                NumberText.percent(result.blocksExecuted), NumberText.large(result.macsExecuted),
                NumberText.short(result.latencyMsP50), NumberText.short(result.latencyMsP90),
                NumberText.short(result.imagesPerSecond), NumberText.short(result.gflops),
                NumberText.factor(result.speedup), NumberText.factor(result.speedupByMACs), "\(row.runs)",
            ])
        }
        return table
    }

    /// Broken anew for the table's width: lines end here where the source's do.
    private var notes: String {
        var notes = [
            """
            blocks, MACs: share of the blocks that ran and multiply-accumulates per image, both means over the
            timed runs. MACs are counted as in the ResNet papers, where one is called a FLOP: convolutions and
            linear layers, gates and shortcuts included.
            """,
            """
            p50, p90: latency of a call that takes a batch of prepared input to predictions, preprocessing
            excluded. images/s and GFLOP/s are those at p50, with 2 FLOP per executed MAC.
            """,
            """
            speed-up: the ResNet's p50 over the network's own at the same batch size; by MACs: what the MACs
            alone would promise. The networks of a group took turns, run by run; runs counts the timed ones.
            """,
        ]
        let routes = Set(results.rows.map(\.result.routes))
        if routes.contains(Routes.dense.label) {
            notes.append("dense: every block runs and no gate is asked.")
        }
        if routes.contains(Routes.trained.label) {
            var note = "trained: weights that come with the library, gates by argmax."
            if case .synthetic = images {
                note +=
                    " The pictures are synthetic: of photographs (--images) another share of blocks may run."
            }
            notes.append(note)
        }
        if routes.contains(where: { $0.hasPrefix("paper") }) {
            notes.append(
                """
                paper: routes drawn at the rates that Veit and Belongie (arXiv 1711.11503) report, not decided
                by trained gates: t is the target rate of their schedule, 0.82 the share of layers that their
                ConvNet-AIG-110 runs. Weights are untrained; gates are computed all the same.
                """)
        }
        if routes.contains(where: { $0.hasPrefix("rate") || $0.hasPrefix("t=") }) {
            notes.append(
                """
                rate, t=: routes drawn at rates that are nobody's result, not decided by trained gates. Gates
                are computed all the same.
                """)
        }
        if results.rows.contains(where: \.areRoutesDrawn) {
            notes.append(
                "Drawn routes differ from run to run and from image to image; p90 shows their spread too.")
        }
        notes += results.omissions.map { "left out: " + $0 }
        return notes.map { TextWrapping.wrapped($0, width: 118, indent: "  ") }.joined(separator: "\n")
    }
}
