import ConvNetAIG

/// Networks that differ in one thing only, the smallest first.
struct ScalingSeries {
    /// What grows.
    enum Kind: String, Codable, CaseIterable {
        case batch, depth, size
    }

    /// A row of the table.
    struct Point: Hashable {
        let architecture: Architecture
        let batch: Int
    }

    let kind: Kind
    let points: [Point]

    /// All that is measured: batches of two networks, both families' depths, and sizes of ResNet-50's input.
    ///
    /// - Parameters:
    ///   - quick: fewer of each.
    ///   - batches: batch sizes instead of the usual ones.
    static func all(quick: Bool, batches: [Int]?) throws(ArchitectureError) -> [ScalingSeries] {
        let batches = (batches ?? (quick ? [1, 4, 16] : [1, 2, 4, 8, 16, 32, 64])).sorted()
        let batchNetworks = quick ? ["resnet-cifar-20"] : ["resnet-cifar-110", "resnet-50"]
        let depths =
            quick
            ? [["resnet-cifar-20", "resnet-cifar-56"], ["resnet-18", "resnet-50"]]
            : [
                ["resnet-cifar-20", "resnet-cifar-32", "resnet-cifar-44", "resnet-cifar-56", "resnet-cifar-110"],
                ["resnet-18", "resnet-34", "resnet-50", "resnet-101"],
            ]
        var series: [ScalingSeries] = []
        for name in batchNetworks {
            let architecture = try Architecture(named: name)
            series.append(
                ScalingSeries(kind: .batch, points: batches.map { Point(architecture: architecture, batch: $0) }))
        }
        for names in depths {
            var points: [Point] = []
            for name in names { points.append(Point(architecture: try Architecture(named: name), batch: 1)) }
            series.append(ScalingSeries(kind: .depth, points: points))
        }
        var points: [Point] = []
        for side in quick ? [128, 224] : [128, 160, 224, 288] {
            let architecture = try Architecture(
                named: "resnet-50", input: FeatureShape(height: side, width: side))
            points.append(Point(architecture: architecture, batch: 1))
        }
        series.append(ScalingSeries(kind: .size, points: points))
        return series
    }

    /// For progress and messages.
    var title: String {
        let name = points.first?.architecture.name ?? ""
        return switch kind {
        case .batch: "batches of \(name)"
        case .depth: "depths from \(name) on"
        case .size: "input sizes of \(name)"
        }
    }
}
