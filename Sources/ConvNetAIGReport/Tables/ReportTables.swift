import Statistics

/// The figures of a report as tables for other programs: CSV by RFC 4180, with shares and accuracies in 0...1 and times in
/// milliseconds. Cells of what was not measured are empty. Columns whose names end with `_low` and `_high` are the ends of
/// 95 % intervals.
public struct ReportTables: Sendable {
    private let figures: ReportFigures

    /// Makes the tables of a report's figures.
    public init(_ figures: ReportFigures) {
        self.figures = figures
    }

    /// The tables' texts by file name.
    public var files: [String: String] {
        [
            "contenders.csv": contenders, "rates.csv": rates, "depths.csv": depths, "graphs.csv": graphs,
            "distances.csv": distances, "budgets.csv": budgets, "latencies.csv": latencies,
            "robustness.csv": robustness, "confusion.csv": confusion, "comparison.csv": comparison,
        ].mapValues(\.text)
    }

    private var blocks: [String] { figures.model.blocks.map(\.name) }

    private var contenders: CSVTable {
        var table = CSVTable(header: [
            "name", "top1", "top5", "mean_macs", "share", "latency_ms", "top1_low", "top1_high", "top5_low",
            "top5_high",
        ])
        let contenders = Contenders(figures)
        for contender in contenders.all {
            table.add(
                [
                    contender.name, CSVTable.cell(contender.top1), CSVTable.cell(contender.top5),
                    CSVTable.cell(contender.meanMACs), CSVTable.cell(contenders.share(contender)),
                    CSVTable.cell(contender.latency),
                ] + cells(contender.top1Interval) + cells(contender.top5Interval))
        }
        return table
    }

    /// A row for all images, and one for each class.
    private var rates: CSVTable {
        var table = CSVTable(header: ["class", "pictures", "top1", "mean_macs"] + blocks + ["top1_low", "top1_high"])
        let rates = figures.rates
        table.add(
            ["", CSVTable.cell(figures.data.images), "", ""]
                + blocks.indices.map { CSVTable.cell(rates.byBlock[ifPresent: $0]) } + cells(nil))
        for (index, name) in figures.model.classes.enumerated() {
            table.add(
                [
                    name, CSVTable.cell(figures.data.imagesByClass[ifPresent: index]),
                    CSVTable.cell(rates.top1ByClass[ifPresent: index]),
                    CSVTable.cell(rates.meanMACsByClass[ifPresent: index]),
                ] + blocks.indices.map { CSVTable.cell(rates.byClass[ifPresent: index]?[ifPresent: $0]) }
                    + cells(rates.top1IntervalsByClass?[ifPresent: index] ?? nil))
        }
        return table
    }

    private var depths: CSVTable {
        let counts = 0...figures.model.blocks.count
        var table = CSVTable(header: ["class"] + counts.map { String($0) })
        for (index, name) in figures.model.classes.enumerated() {
            table.add([name] + counts.map { CSVTable.cell(figures.depths[ifPresent: index]?[ifPresent: $0]) })
        }
        return table
    }

    private var graphs: CSVTable {
        var table = CSVTable(
            header: ["rank"] + blocks + ["pictures", "top1"] + figures.model.classes + ["top1_low", "top1_high"])
        for (rank, graph) in figures.graphs.commonest.enumerated() {
            table.add(
                [String(rank + 1)]
                    + blocks.indices.map { index in graph.route[ifPresent: index].map { $0 ? "1" : "0" } ?? "" }
                    + [CSVTable.cell(graph.count), CSVTable.cell(graph.top1)]
                    + figures.model.classes.indices.map { CSVTable.cell(graph.countByClass[ifPresent: $0]) }
                    + cells(graph.top1Interval))
        }
        return table
    }

    private var distances: CSVTable {
        let classes = figures.model.classes
        var table = CSVTable(header: ["class"] + classes)
        for (row, name) in classes.enumerated() {
            let distances = figures.similarity.distances[ifPresent: row]
            table.add([name] + classes.indices.map { CSVTable.cell(distances?[ifPresent: $0]) })
        }
        return table
    }

    private var budgets: CSVTable {
        var table = CSVTable(header: ["thresholds", "budget", "share", "top1", "latency_ms", "top1_low", "top1_high"])
        let budgets = figures.budgets
        for (name, points) in [("global", budgets.global), ("per-block", budgets.perBlock), ("dial", budgets.dial)] {
            for point in points {
                table.add(
                    [
                        name, CSVTable.cell(point.budget), CSVTable.cell(point.share), CSVTable.cell(point.top1),
                        CSVTable.cell(point.latency),
                    ] + cells(point.top1Interval))
            }
        }
        return table
    }

    private var latencies: CSVTable {
        var table = CSVTable(
            header: ["blocks", "pictures", "median_ms", "lower_quartile_ms", "upper_quartile_ms"])
        for latency in figures.latencies {
            table.add([
                CSVTable.cell(latency.blocks), CSVTable.cell(latency.images), CSVTable.cell(latency.median),
                CSVTable.cell(latency.lowerQuartile), CSVTable.cell(latency.upperQuartile),
            ])
        }
        return table
    }

    /// Only the header if nothing was attacked.
    private var robustness: CSVTable {
        var table = CSVTable(
            header: [
                "model", "attack", "epsilon", "jpeg_quality", "top1", "mac_share", "changed_decisions", "same_graph",
                "top1_low", "top1_high", "changed_decisions_low", "changed_decisions_high",
            ])
        for row in figures.robustness?.rows ?? [] {
            table.add(
                [
                    row.model, figures.robustness?.attack ?? "", CSVTable.cell(row.epsilon),
                    CSVTable.cell(row.jpegQuality), CSVTable.cell(row.top1), CSVTable.cell(row.macShare),
                    CSVTable.cell(row.changedDecisions), CSVTable.cell(row.sameGraph),
                ] + cells(row.top1Interval) + cells(row.changedDecisionsInterval))
        }
        return table
    }

    /// A row for each pair of classes that occurs; shares are of the true class's images. Only the header if confusions were
    /// not counted.
    private var confusion: CSVTable {
        var table = CSVTable(header: ["true", "predicted", "pictures", "share"])
        let totals = figures.confusion?.totals ?? [:]
        func name(_ index: Int) -> String { figures.model.classes[ifPresent: index] ?? String(index) }
        for entry in figures.confusion?.entries ?? [] {
            table.add([
                name(entry.actual), name(entry.predicted), CSVTable.cell(entry.count),
                CSVTable.cell(totals[entry.actual].map { Double(entry.count) / Double($0) }),
            ])
        }
        return table
    }

    /// Two networks on the same images; only the header without another network.
    private var comparison: CSVTable {
        var table = CSVTable(
            header: [
                "first", "second", "pictures", "both_right", "only_first_right", "only_second_right", "neither_right",
                "left_out", "difference", "difference_low", "difference_high", "test", "chi_square", "p",
            ])
        guard let comparison = figures.comparison else { return table }
        let (counts, test) = (comparison.counts, comparison.test)
        table.add(
            [comparison.first, comparison.second]
                + [
                    counts.count, counts.both, counts.onlyFirst, counts.onlySecond, counts.neither, comparison.leftOut,
                ].map { CSVTable.cell($0) }
                + [CSVTable.cell(comparison.difference)] + cells(comparison.interval)
                + [test.method.rawValue, CSVTable.cell(test.statistic), CSVTable.cell(test.p)])
        return table
    }

    private func cells(_ interval: ConfidenceInterval?) -> [String] {
        [CSVTable.cell(interval?.low), CSVTable.cell(interval?.high)]
    }
}
