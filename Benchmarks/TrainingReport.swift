import ConvNetAIG
import Foundation
import OpenCL

/// What `--training` prints.
struct TrainingReport {
    let device: Device
    let date: Date
    let seed: UInt64
    let results: [TrainingResult]

    var text: String {
        let versions = Set(results.compactMap(\.peerVersion)).sorted().map { "PyTorch \($0)" }
        var header = """
            Training steps: forward, loss, backward and update
            device      \(device.description), \(device.computeUnits) compute units
            driver      \(device.driverVersion), \(device.version)
            date        \(date.formatted(.iso8601))
            seed        \(seed)
            """
        if !versions.isEmpty { header += "\npeers       " + versions.joined(separator: ", ") }
        return [header, Self.table(results).text, notes].joined(separator: "\n\n")
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
            let short = { (value: Double?) in value.map { NumberText.short($0) } ?? "" }
            table.append([
                result.architecture, "\(result.batch)", NumberText.short(result.ourMsP50),
                NumberText.short(result.epochSeconds), short(result.peakBytes.map { Double($0) / 1e6 }),
                result.peer?.label ?? "", short(result.peerMsP50), short(result.ratioMin), short(result.ratioP50),
                short(result.ratioMax), "\(result.repeats)",
            ])
        }
        return table
    }

    private var notes: String {
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
                "WARNING: other processes kept up to \(NumberText.short(most)) cores busy meanwhile. Do not trust these "
                    + "figures.")
        }
        return notes.map { TextWrapping.wrapped($0, width: 118, indent: "  ") }.joined(separator: "\n")
    }
}
