import ConvNetAIG
import Foundation
import Terminal

/// The report on a run against peers.
struct PeerReport {
    let conditions: Conditions
    /// The libraries' versions.
    let versions: [String: String]
    let results: [PeerResult]

    var report: BenchmarkReport {
        let libraries = versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let peers = "\(libraries), \(conditions.peerThreads) CPU threads each"
        return BenchmarkReport(
            title: "Ours against peers, taking turns", conditions: conditions,
            settings: [("peers", peers), conditions.schedulingFact, conditions.imagesFact, conditions.seedFact],
            tables: [.init(table: Self.table(results))], notes: notes)
    }

    static func table(_ results: [PeerResult]) -> TextTable {
        var table = TextTable([
            ("network", .left), ("routes", .left), ("batch", .right), ("blocks", .right), ("peer", .left),
            ("their ms", .right), ("our ms", .right), ("min", .right), ("ratio", .right), ("max", .right),
            ("n", .right),
        ])
        var last: [String] = []
        for result in results {
            let group = [result.architecture, result.routes, "\(result.batch)"]
            if group != last { table.appendGap() }
            last = group
            table.append(
                group + [
                    result.blocksExecuted.percentage, result.peer.label,
                    result.peerMsP50.threeDigits, result.ourMsP50.threeDigits,
                    result.ratioMin.threeDigits, result.ratioP50.threeDigits,
                    result.ratioMax.threeDigits, "\(result.repeats)",
                ])
        }
        return table
    }

    private var notes: [String] {
        var notes = [
            """
            their ms, our ms: medians of the time for a batch, from prepared input to output in the host's
            memory. ratio: ours over theirs in each of n repeats, median between min and max; below 1 ours
            is faster.
            """,
            """
            Ours and theirs took turns, all else idle: each turn has the same pictures and routes, begins after a
            pause in which the threads of the one before come to rest, and does not time its first runs. ONNX
            Runtime's spin as by default.
            """,
            """
            PyTorch eager, if and all x gate: the plain network in inference mode; if runs a block for the
            images that ask for it, all x gate, the authors' way, for all and multiplies. PyTorch frozen:
            TorchScript, optimised for inference. ONNX Runtime: all its optimisations, batch norm folded
            beforehand; If is a node per block. Adaptive networks against "ONNX Runtime, dense": the ResNet
            of the same depth.
            """,
        ]
        if let largest = results.compactMap(\.logitsDifference).max() {
            let text = String(format: "%.1e", largest)
            notes.append(
                "Logits agreed before anything was timed: they differ by \(text) of the largest at most.")
        }
        if let most = results.compactMap(\.otherCores).max(), most > OtherLoad.allowed {
            notes.append(
                """
                WARNING: other processes kept up to \(most.threeDigits) cores busy meanwhile. Do not
                trust these figures: threads that spin, above all PyTorch's, become many times slower when
                they share cores.
                """)
        }
        if conditions.runtime.device.type != .cpu {
            notes.append(
                "The device is no CPU, but the peers run on the CPU: the ratios compare devices too.")
        }
        return notes
    }
}

/// A network of ours against a peer at one batch size: a row of the table, an object of the JSON file.
struct PeerResult: Codable, Hashable {
    /// Our network.
    let architecture: String
    let batch: Int
    let device: String
    let routes: String
    /// Mean share of our blocks that ran, 0...1.
    let blocksExecuted: Double
    let peer: Peer
    /// The peer's network.
    let peerArchitecture: String
    /// Version of the peer's library.
    let peerVersion: String
    /// The number of threads of each peer; ours uses the device's compute units.
    let threads: Int
    /// The time of a batch, in milliseconds.
    let peerMsP50: Double
    let ourMsP50: Double
    /// Ours over theirs, of each repeat: below 1 we are faster.
    let ratioMin: Double
    let ratioP50: Double
    let ratioMax: Double
    let repeats: Int
    /// Cores that other processes kept busy meanwhile, on average; nil if unknown.
    let otherCores: Double?
    /// Largest difference of logits over the largest logit; nil where the networks are not the same.
    let logitsDifference: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case architecture, batch, device, routes
        case blocksExecuted = "blocks_executed"
        case peer
        case peerArchitecture = "peer_architecture"
        case peerVersion = "peer_version"
        case threads
        case peerMsP50 = "peer_ms_p50"
        case ourMsP50 = "our_ms_p50"
        case ratioMin = "ratio_min"
        case ratioP50 = "ratio_p50"
        case ratioMax = "ratio_max"
        case repeats
        case otherCores = "other_cores"
        case logitsDifference = "logits_difference"
    }
}
