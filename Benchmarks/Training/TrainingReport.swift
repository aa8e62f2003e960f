import ConvNetAIG
import Foundation
import Terminal

/// The report of `--training`.
struct TrainingReport {
    let conditions: Conditions
    let results: [TrainingResult]

    var report: BenchmarkReport {
        let versions = Set(results.compactMap(\.peerVersion)).sorted().map { "PyTorch \($0)" }
        let peers = versions.joined(separator: ", ")
        return BenchmarkReport(
            title: "Training steps: forward, loss, backward and update", conditions: conditions,
            settings: [conditions.seedFact] + (versions.isEmpty ? [] : [("peers", peers)]),
            tables: [.init(table: Self.table(results))], notes: notes)
    }

    static func table(_ results: [TrainingResult]) -> TextTable {
        var table = TextTable([
            ("network", .left), ("batch", .right), ("our ms", .right), ("s/epoch", .right), ("peak MB", .right),
            ("peer", .left), ("their ms", .right), ("min", .right), ("ratio", .right), ("max", .right), ("n", .right),
        ])
        var last: String?
        for result in results {
            if let last, last != result.architecture { table.appendGap() }
            last = result.architecture
            let short = { (value: Double?) in value?.threeDigits ?? "" }
            table.append([
                result.architecture, "\(result.batch)", result.ourMsP50.threeDigits,
                result.epochSeconds.threeDigits, short(result.peakBytes.map { Double($0) / 1e6 }),
                result.peer?.label ?? "", short(result.peerMsP50), short(result.ratioMin), short(result.ratioP50),
                short(result.ratioMax), "\(result.repeats)",
            ])
        }
        return table
    }

    private var notes: [String] {
        var notes = [
            """
            our ms, their ms: medians of the time for a step, from prepared pictures to updated weights. s/epoch: of
            50,000 pictures. peak MB: most memory that the process has held so far, all networks before included.
            """
        ]
        if let largest = results.compactMap(\.lossDifference).max() {
            notes.append(
                """
                ratio: ours over theirs in each of n repeats, median between min and max; below 1 ours is faster. Ours
                and theirs took turns, all else idle: each turn begins after a pause and does not time its first step.
                Weights, pictures and noise are the same, and the losses of the first steps differ by
                \(String(format: "%.1e", largest)) at most.
                """)
        }
        if let most = results.compactMap(\.otherCores).max(), most > OtherLoad.allowed {
            notes.append(
                "WARNING: other processes kept up to \(most.threeDigits) cores busy meanwhile. Do not trust these "
                    + "figures.")
        }
        return notes
    }
}

/// Training steps of a network, by itself or against a peer: a row of the table, an object of the JSON file.
struct TrainingResult: Codable, Hashable {
    let architecture: String
    let batch: Int
    let device: String
    /// The time of a step, in milliseconds.
    let ourMsP50: Double
    /// The time of an epoch of 50,000 images, in seconds, from the time of a step.
    let epochSeconds: Double
    let repeats: Int
    /// The process's peak memory so far, in bytes; nil if unknown.
    let peakBytes: Int?
    /// Nil without peers, like everything below.
    var peer: TrainingPeer?
    var peerVersion: String?
    var peerMsP50: Double?
    /// Ours over theirs, of each repeat: below 1 we are faster.
    var ratioMin: Double?
    var ratioP50: Double?
    var ratioMax: Double?
    /// Largest difference of the losses of the first steps, over theirs.
    var lossDifference: Double?
    /// Cores that other processes kept busy meanwhile, on average; nil if unknown.
    var otherCores: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case architecture, batch, device
        case ourMsP50 = "our_ms_p50"
        case epochSeconds = "epoch_seconds"
        case repeats
        case peakBytes = "peak_bytes"
        case peer
        case peerVersion = "peer_version"
        case peerMsP50 = "peer_ms_p50"
        case ratioMin = "ratio_min"
        case ratioP50 = "ratio_p50"
        case ratioMax = "ratio_max"
        case lossDifference = "loss_difference"
        case otherCores = "other_cores"
    }
}
