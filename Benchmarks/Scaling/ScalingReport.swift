import ConvNetAIG
import Terminal

/// The report of `--scaling`.
struct ScalingReport {
    let conditions: Conditions
    /// The results of each series.
    let results: [[ScalingResult]]
    let omissions: [String]

    var report: BenchmarkReport {
        BenchmarkReport(
            title: "Time and memory against multiply-accumulates", conditions: conditions,
            settings: [conditions.imagesFact, conditions.seedFact],
            tables: results.filter { !$0.isEmpty }.map {
                .init(table: Self.table($0), verdict: ScalingVerdict($0)?.text)
            }, notes: notes)
    }

    /// - Parameter series: results of one series; times and bytes per MAC are given relative to the first.
    static func table(_ series: [ScalingResult]) -> TextTable {
        var table = TextTable([
            ("network", .left), ("input", .right), ("batch", .right), ("MACs/image", .right), ("ms/image", .right),
            ("time/MAC", .right), ("MB/image", .right), ("bytes/MAC", .right), ("weights MB", .right),
            ("maps MB", .right), ("unshared", .right), ("n", .right),
        ])
        guard let first = series.first else { return table }
        for result in series {
            table.append([
                result.architecture, "\(result.height) x \(result.width)", "\(result.batch)",
                Double(result.macs).abbreviated, result.msPerImage.threeDigits,
                (result.timePerMAC / first.timePerMAC).factor,
                (result.bytesPerImage / 1e6).threeDigits,
                (result.bytesPerMAC / first.bytesPerMAC).factor,
                (Double(result.weightBytes) / 1e6).threeDigits,
                (Double(result.activationBytes) / 1e6).threeDigits,
                (Double(result.activationBytesUnshared) / 1e6).threeDigits, "\(result.rounds)",
            ])
        }
        return table
    }

    private var notes: [String] {
        [
            """
            ms/image: time of a batch over its images, the median of n rounds in which the rows of a table took
            turns. MB/image: weights, feature maps and all else that a session takes, over the images of a batch.
            time/MAC, bytes/MAC: relative to the first row.
            """,
            """
            weights MB, maps MB: of a whole batch. unshared: what the feature maps would take if those never needed
            at the same time did not share memory.
            """,
            """
            A table's largest row may take \(ScalingVerdict.noise.percentage) more time per MAC than its
            smallest, which is the noise of measuring, and no more memory per MAC. Weights are random.
            """,
        ] + omissions.map { "left out: " + $0 }
    }
}

/// Time and memory of a network: a row of the table, an object of the JSON file.
struct ScalingResult: Codable, Hashable {
    /// The quantity that grows from row to row.
    let series: ScalingSeries.Kind
    let architecture: String
    let height: Int
    let width: Int
    let batch: Int
    let device: String
    /// Multiply-accumulates per image.
    let macs: Int
    /// The time of a batch divided by its images, in milliseconds: the median over the rounds.
    let msPerImage: Double
    /// The session's memory on its device, divided by the images of a batch.
    let bytesPerImage: Double
    let weightBytes: Int
    /// The input and all feature maps of a batch.
    let activationBytes: Int
    /// The same if no feature map shared memory with another.
    let activationBytesUnshared: Int
    let rounds: Int

    enum CodingKeys: String, CodingKey, CaseIterable {
        case series, architecture, height, width, batch, device, macs
        case msPerImage = "ms_per_image"
        case bytesPerImage = "bytes_per_image"
        case weightBytes = "weight_bytes"
        case activationBytes = "activation_bytes"
        case activationBytesUnshared = "activation_bytes_unshared"
        case rounds
    }

    var timePerMAC: Double { msPerImage / Double(max(macs, 1)) }
    var bytesPerMAC: Double { bytesPerImage / Double(max(macs, 1)) }
    /// Multiply-accumulates of a batch, which order the rows of a series.
    var batchMACs: Int { macs * batch }
}

/// Whether time and memory grow no faster than the multiply-accumulates from the smallest network of a series to the
/// largest.
struct ScalingVerdict: Hashable {
    /// The largest's time per MAC over the smallest's.
    let time: Double
    /// The largest's bytes per MAC over the smallest's.
    let memory: Double

    /// Repeated measurements differ by as much.
    static let noise = 0.05

    /// - Parameter results: of one series; nil for fewer than two.
    init?(_ results: [ScalingResult]) {
        guard results.count > 1, let smallest = results.min(by: { $0.batchMACs < $1.batchMACs }),
            let largest = results.max(by: { $0.batchMACs < $1.batchMACs }), smallest.timePerMAC > 0,
            smallest.bytesPerMAC > 0
        else { return nil }
        time = largest.timePerMAC / smallest.timePerMAC
        memory = largest.bytesPerMAC / smallest.bytesPerMAC
    }

    var timeHolds: Bool { time <= 1 + Self.noise }
    /// Bytes are counted, not measured.
    var memoryHolds: Bool { memory <= 1 }

    var text: String {
        func words(_ what: String, _ factor: Double, _ holds: Bool) -> String {
            "\(what) per MAC \(factor.factor), "
                + (holds ? "no faster than the MACs" : "FASTER than the MACs")
        }
        return "largest against smallest: " + words("time", time, timeHolds) + "; "
            + words("memory", memory, memoryHolds)
    }
}
