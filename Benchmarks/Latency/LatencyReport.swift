import ConvNetAIG
import Statistics
import Terminal

/// The report on ResNets against adaptive networks.
struct LatencyReport {
    let conditions: Conditions
    let results: LatencyResults

    var report: BenchmarkReport {
        BenchmarkReport(
            title: "ResNet against ConvNet-AIG on one device",
            conditions: conditions,
            settings: [conditions.schedulingFact, conditions.imagesFact, conditions.seedFact],
            tables: [.init(table: networks), .init(table: timings)],
            page: .init(
                tables: [.init(table: Self.comparison(results.rows.map(\.result)))],
                notes: [
                    """
                    blocks run: share of the blocks that ran, the mean over the timed runs. ms: median latency of a call that
                    takes a batch of prepared input to predictions, preprocessing excluded.
                    """,
                    """
                    speed-up: the ResNet's median over the network's own at the same batch size; predicted by MACs: what
                    the multiply-accumulates alone would promise. The networks of a group took turns, run by run.
                    """,
                ] + routeNotes),
            notes: columnNotes + routeNotes)
    }

    private var networks: TextTable {
        var table = TextTable([
            ("network", .left), ("parameters", .right), ("MACs, all blocks", .right),
        ])
        var seen: Set<String> = []
        for row in results.rows.map(\.result) where seen.insert(row.architecture).inserted {
            table.append([
                row.architecture, Double(row.parameters).abbreviated,
                Double(row.macsDense).abbreviated,
            ])
        }
        return table
    }

    private var timings: TextTable {
        let namesDevices = Self.namesDevices(results.rows.map(\.result))
        var table = TextTable(
            [
                ("network", .left), ("routes", .left), ("batch", .right), ("blocks", .right), ("MACs", .right),
                ("p50 ms", .right), ("p90 ms", .right), ("images/s", .right), ("GFLOP/s", .right),
                ("speed-up", .right),
                ("by MACs", .right), ("runs", .right),
            ] + (namesDevices ? [("device", .left)] : []))
        for row in results.rows {
            let result = row.result
            // A ResNet begins a comparison.
            if result.architecture.hasPrefix("resnet-") { table.appendGap() }
            table.append(
                [
                    result.architecture, result.routes, "\(result.batch)",
                    result.blocksExecuted.percentage, result.macsExecuted.abbreviated,
                    result.latencyMsP50.threeDigits, result.latencyMsP90.threeDigits,
                    result.imagesPerSecond.threeDigits, result.gflops.threeDigits,
                    result.speedup.factor, result.speedupByMACs.factor, "\(row.runs)",
                ] + (namesDevices ? [result.device] : []))
        }
        return table
    }

    /// Whether rows must say which device they are of.
    private static func namesDevices(_ results: [BenchmarkResult]) -> Bool { Set(results.map(\.device)).count > 1 }

    /// A row for each network and its routes, and for each device if there are several: all batch sizes side by side, and the
    /// speed-up that the multiply-accumulates predict beside the measured one.
    static func comparison(_ results: [BenchmarkResult]) -> TextTable {
        struct Row: Hashable {
            let architecture: String
            let routes: String
            let device: String
        }
        let namesDevices = namesDevices(results)
        var batches: [Int] = []
        var order: [Row] = []
        var byRow: [Row: [Int: BenchmarkResult]] = [:]
        for result in results {
            let row = Row(architecture: result.architecture, routes: result.routes, device: result.device)
            if !batches.contains(result.batch) { batches.append(result.batch) }
            if byRow[row] == nil { order.append(row) }
            byRow[row, default: [:]][result.batch] = result
        }
        batches.sort()
        var table = TextTable(
            (namesDevices ? [("device", .left)] : [])
                + [("network", .left), ("routes", .left), ("blocks run", .right)]
                + batches.map { ("batch \($0), ms", .right) }
                + [
                    ("speed-up at " + batches.map(String.init).joined(separator: " / "), .right),
                    ("predicted by MACs", .right),
                ])
        for row in order {
            let results = batches.map { byRow[row]?[$0] }
            guard let first = results.lazy.compactMap({ $0 }).first else { continue }
            let isReference = row.architecture.hasPrefix("resnet-")
            table.append(
                (namesDevices ? [row.device] : []) + [row.architecture, row.routes, first.blocksExecuted.percentage]
                    + results.map { $0?.latencyMsP50.threeDigits ?? "-" }
                    + (isReference
                        ? []
                        : [
                            results.map { $0?.speedup.factor ?? "-" }.joined(separator: " / "),
                            first.speedupByMACs.factor,
                        ]))
        }
        return table
    }

    private var columnNotes: [String] {
        [
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
    }

    private var routeNotes: [String] {
        var notes: [String] = []
        let routes = Set(results.rows.map(\.result.routes))
        if routes.contains(Routes.dense.label) {
            notes.append("dense: every block runs and no gate is asked.")
        }
        if routes.contains(Routes.trained.label) {
            var note = "trained: weights that come with the library, gates by argmax."
            if case .synthetic = conditions.images {
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
        return notes + results.omissions.map { "left out: " + $0 }
    }
}

/// A network on its routes at one batch size: a row of the table, an object of the JSON file.
struct BenchmarkResult: Codable, Hashable {
    let architecture: String
    let batch: Int
    let device: String
    let routes: String
    let parameters: Int
    /// Multiply-accumulates per image with every block run.
    let macsDense: Int
    /// Mean multiply-accumulates per image of the runs that were timed.
    let macsExecuted: Double
    /// Mean share of all blocks that ran, 0...1.
    let blocksExecuted: Double
    /// The time of a batch, in milliseconds.
    let latencyMsP50: Double
    let latencyMsP90: Double
    /// At the median latency.
    let imagesPerSecond: Double
    /// Two operations per executed multiply-accumulate, at the median latency.
    let gflops: Double
    /// The ResNet's median latency at this batch size over this one's.
    let speedup: Double
    /// The ResNet's multiply-accumulates over those executed.
    let speedupByMACs: Double

    enum CodingKeys: String, CodingKey, CaseIterable {
        case architecture, batch, device, routes, parameters
        case macsDense = "macs_dense"
        case macsExecuted = "macs_executed"
        case blocksExecuted = "blocks_executed"
        case latencyMsP50 = "latency_ms_p50"
        case latencyMsP90 = "latency_ms_p90"
        case imagesPerSecond = "images_per_second"
        case gflops
        case speedup
        case speedupByMACs = "speedup_by_macs"
    }
}

extension Contender {
    /// - Parameter reference: the ResNet's samples at the same batch size.
    /// - Returns: Nil without samples.
    func result(against reference: Samples) -> BenchmarkResult? {
        guard let median = samples.seconds.median, median > 0,
            let slow = samples.seconds.quantile(0.9),
            let referenceMedian = reference.seconds.median
        else { return nil }
        let batch = Double(session.batch)
        return BenchmarkResult(
            architecture: session.architecture.name, batch: session.batch, device: session.deviceName,
            routes: routes.label, parameters: session.cost.parameters, macsDense: session.cost.macs,
            macsExecuted: samples.meanMACs, blocksExecuted: samples.meanExecutedShare,
            latencyMsP50: median * 1e3,
            latencyMsP90: slow * 1e3, imagesPerSecond: batch / median,
            gflops: 2 * samples.meanMACs * batch / median / 1e9, speedup: referenceMedian / median,
            speedupByMACs: reference.meanMACs / samples.meanMACs)
    }
}
