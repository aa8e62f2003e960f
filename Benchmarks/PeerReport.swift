import ConvNetAIG
import Foundation
import OpenCL

/// What a run against peers prints.
struct PeerReport {
    let device: Device
    let date: Date
    let scheduling: Scheduling
    let images: ImageSource
    let seed: UInt64
    /// By library.
    let versions: [String: String]
    let threads: Int
    let results: [PeerResult]

    var text: String {
        [header, Self.table(results).text, notes].joined(separator: "\n\n")
    }

    private var header: String {
        let libraries = versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return """
            Ours against peers, taking turns
            device      \(device.description), \(device.computeUnits) compute units
            driver      \(device.driverVersion), \(device.version)
            peers       \(libraries.joined(separator: ", ")), \(threads) CPU threads each
            date        \(date.formatted(.iso8601))
            scheduling  \(scheduling.rawValue)
            pictures    \(images.description)
            seed        \(seed)
            """
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
                    NumberText.percent(result.blocksExecuted), result.peer.label,
                    NumberText.short(result.peerMsP50), NumberText.short(result.ourMsP50),
                    NumberText.short(result.ratioMin), NumberText.short(result.ratioP50),
                    NumberText.short(result.ratioMax), "\(result.repeats)",
                ])
        }
        return table
    }

    private var notes: String {
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
                WARNING: other processes kept up to \(NumberText.short(most)) cores busy meanwhile. Do not
                trust these figures: threads that spin, above all PyTorch's, become many times slower when
                they share cores.
                """)
        }
        if device.type != .cpu {
            notes.append(
                "The device is no CPU, but the peers run on the CPU: the ratios compare devices too.")
        }
        return notes.map { TextWrapping.wrapped($0, width: 118, indent: "  ") }.joined(separator: "\n")
    }
}
