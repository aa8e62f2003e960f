import ConvNetAIG
import Foundation
import OpenCL

/// What `--scaling` prints.
struct ScalingReport {
    let device: Device
    let date: Date
    let images: ImageSource
    let seed: UInt64
    /// Of each series.
    let results: [[ScalingResult]]
    let omissions: [String]

    var text: String {
        let header = """
            Time and memory against multiply-accumulates
            device      \(device.description), \(device.computeUnits) compute units
            driver      \(device.driverVersion), \(device.version)
            date        \(date.formatted(.iso8601))
            pictures    \(images.description)
            seed        \(seed)
            """
        let tables = results.filter { !$0.isEmpty }.map { series in
            ([Self.table(series).text] + [ScalingVerdict(series)?.text].compactMap { $0 }).joined(separator: "\n")
        }
        return ([header] + tables + [notes]).joined(separator: "\n\n")
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
                NumberText.large(Double(result.macs)), NumberText.short(result.msPerImage),
                NumberText.factor(result.timePerMAC / first.timePerMAC),
                NumberText.short(result.bytesPerImage / 1e6),
                NumberText.factor(result.bytesPerMAC / first.bytesPerMAC),
                NumberText.short(Double(result.weightBytes) / 1e6),
                NumberText.short(Double(result.activationBytes) / 1e6),
                NumberText.short(Double(result.activationBytesUnshared) / 1e6), "\(result.rounds)",
            ])
        }
        return table
    }

    private var notes: String {
        let notes =
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
                A table's largest row may take \(NumberText.percent(ScalingVerdict.noise)) more time per MAC than its
                smallest, which is the noise of measuring, and no more memory per MAC. Weights are random.
                """,
            ] + omissions.map { "left out: " + $0 }
        return notes.map { TextWrapping.wrapped($0, width: 118, indent: "  ") }.joined(separator: "\n")
    }
}
