import Charts

/// How often each block runs for the images of each class.
struct ClassRateSection: PageSection {
    let figures: ReportFigures

    let id = "classes"
    let title = "Execution rate by class and block"

    var summary: String {
        let classes = occupied.compactMap { index in
            figures.rates.meanMACsByClass[ifPresent: index].map { (name: figures.model.classes[index], macs: $0) }
        }
        guard let most = classes.max(by: { $0.macs < $1.macs }), let least = classes.min(by: { $0.macs < $1.macs }),
            classes.count > 1
        else { return "There are not enough classes to compare." }
        return "The network spends most on \(most.name) (\(NumberText.short(most.macs)) MACs per picture) and least on "
            + "\(least.name) (\(NumberText.short(least.macs)))." + contrast
    }

    /// The classes that have images.
    private var occupied: [Int] {
        figures.model.classes.indices.filter { (figures.data.imagesByClass[ifPresent: $0] ?? 0) > 0 }
    }

    /// The block whose rates differ most between classes, in a sentence.
    private var contrast: String {
        let spreads = figures.model.blocks.indices.compactMap { block -> (block: Int, low: Double, high: Double)? in
            let rates = occupied.compactMap { figures.rates.byClass[ifPresent: $0]?[ifPresent: block] }
            guard figures.model.blocks[block].isGated, let low = rates.min(), let high = rates.max() else { return nil }
            return (block, low, high)
        }
        guard let widest = spreads.max(by: { $0.high - $0.low < $1.high - $1.low }), widest.high > widest.low else {
            return " The classes run the same blocks equally often."
        }
        return " Classes differ most about \(figures.model.blocks[widest.block].name), which runs for "
            + "\(NumberText.percent(widest.low, 0)) to \(NumberText.percent(widest.high, 0)) of a class’s pictures."
    }

    func body() -> [Markup] {
        let blocks = figures.model.blocks
        guard !blocks.isEmpty, !figures.model.classes.isEmpty else { return [] }
        let columns =
            [TableMarkup.Column(name: "Class", isNumber: false)]
            + BlockLabels(blocks).names.map { TableMarkup.Column(name: $0, isNumber: false) }
            + [
                TableMarkup.Column(name: "Top-1"), TableMarkup.Column(name: "MACs"),
                TableMarkup.Column(name: "Pictures"),
            ]
        let stages = Markup.tag(
            "tr", [:],
            [.tag("td")]
                + BlockLabels.stages(blocks).map { stage in
                    .tag(
                        "th",
                        ["scope": "colgroup", "class": "stage", "colspan": String(stage.blocks.count)],
                        stage.blocks.count > 1 ? "stage \(stage.stage)" : String(stage.stage))
                } + [.tag("td", ["colspan": "3"])])
        return [
            TableMarkup(
                caption: "Share of each class’s pictures that run each block, in %. “all” marks blocks without a gate. "
                    + "MACs are the mean per picture; below accuracies stand their 95 % intervals.", columns: columns,
                rows: figures.model.classes.indices.map(row),
                classes: "heat", spans: [stages]
            ).markup()
        ]
    }

    private func row(_ index: Int) -> [TableMarkup.Cell] {
        let images = figures.data.imagesByClass[ifPresent: index] ?? 0
        let cells = figures.model.blocks.enumerated().map { block, figure -> TableMarkup.Cell in
            if !figure.isGated { return .text("all", classes: "always") }
            guard images > 0, let rate = figures.rates.byClass[ifPresent: index]?[ifPresent: block], rate.isFinite
            else { return .text(NumberText.missing) }
            return .text(NumberText.decimal(100 * rate, 0), classes: HeatScale.name(rate))
        }
        let macs = images > 0 ? figures.rates.meanMACsByClass[ifPresent: index].map(NumberText.short) : nil
        let accuracy = images > 0 ? figures.rates.top1ByClass[ifPresent: index] : nil
        let interval = figures.rates.top1IntervalsByClass?[ifPresent: index] ?? nil
        return [.text(figures.model.classes[index])] + cells
            + [
                .share(accuracy, interval), .text(macs ?? NumberText.missing),
                .text(NumberText.count(images)),
            ]
    }
}
