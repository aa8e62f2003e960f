import Charts

/// Which classes the network takes for which.
struct ConfusionSection: PageSection {
    let model: ModelFigures
    let confusion: ConfusionMatrix

    let id = "confusion"
    let title = "Confusions of classes"

    /// The most classes that a matrix is drawn for; the confusions of more classes are listed.
    static let shownClasses = 40
    /// The number of confusions that are listed.
    static let shownConfusions = 20

    var summary: String {
        let confusions = confusion.confusions
        guard !confusion.entries.isEmpty else { return "There are no pictures to confuse." }
        guard let worst = confusions.first else { return "Every picture was taken for what it is." }
        let wrong = confusions.reduce(0) { $0 + $1.count }
        let beginning =
            "\(NumberText.count(wrong, "picture")) \(wrong == 1 ? "was" : "were") taken for another class, over "
            + "\(NumberText.count(confusions.count, "pair")) of classes. Most often \(name(worst.actual)) "
            + "was taken for \(name(worst.predicted)): \(NumberText.count(worst.count, "picture")), "
            + "\(share(worst)) of the class."
        let back = confusion.count(actual: worst.predicted, predicted: worst.actual)
        return beginning + " The other way round it was \(NumberText.count(back))."
    }

    func body() -> [Markup] {
        guard !confusion.entries.isEmpty else { return [] }
        return model.classes.count <= Self.shownClasses ? [matrix] : confusion.confusions.isEmpty ? [] : [list]
    }

    private var matrix: Markup {
        let labels = ClassLabels(classes: model.classes, order: Array(model.classes.indices), groupByClass: [])
        let label = "Matrix of true and predicted classes. " + summary
        return Figure.chart(
            caption: "Rows are the pictures’ classes, columns what they were taken for, numbers are pictures. The "
                + "stronger the shade, the larger the share of the row’s pictures; what is right lies on the diagonal, in "
                + "grey."
        ) { width in
            let matrix = HeatMatrix(labels: labels, confusion: confusion, room: width)
            return SVG.image(width: matrix.width, height: matrix.height, label: label, matrix.markup())
        }
    }

    private var list: Markup {
        let confusions = confusion.confusions
        let shown = confusions.prefix(Self.shownConfusions)
        let totals = confusion.totals
        return TableMarkup(
            caption: "The most frequent confusions"
                + (shown.count < confusions.count ? ", of \(NumberText.count(confusions.count))" : "")
                + ". The share is of the class’s pictures, with its 95 % interval.",
            columns: [
                TableMarkup.Column(name: "Class", isNumber: false),
                TableMarkup.Column(name: "Taken for", isNumber: false), TableMarkup.Column(name: "Pictures"),
                TableMarkup.Column(name: "Share"),
            ],
            rows: shown.map { entry in
                let total = totals[entry.actual] ?? 0
                return [
                    .text(name(entry.actual)), .text(name(entry.predicted)), .text(NumberText.count(entry.count)),
                    .share(Double(entry.count) / Double(total), ConfidenceInterval.wilson(entry.count, of: total)),
                ]
            }
        ).markup()
    }

    private func share(_ entry: ConfusionMatrix.Entry) -> String {
        NumberText.percent(confusion.totals[entry.actual].map { Double(entry.count) / Double($0) })
    }

    private func name(_ index: Int) -> String { model.classes[ifPresent: index] ?? "class \(index)" }
}

extension HeatMatrix {
    /// Images of each row's class that were taken for each column's. Confusions are shaded by their share of the row's
    /// images relative to the largest such share: on one scale with the diagonal they would be too pale to tell apart.
    init(labels: ClassLabels, confusion: ConfusionMatrix, room: Double) {
        let totals = confusion.totals
        @Sendable func share(_ count: Int, _ actual: Int) -> Double {
            Double(count) / Double(max(totals[actual] ?? 0, 1))
        }
        let highest = confusion.confusions.map { share($0.count, $0.actual) }.max() ?? 0
        self.init(labels: labels, room: room) { row, column in
            let count = confusion.count(actual: row.index, predicted: column.index)
            guard totals[row.index] != nil else { return nil }
            let share = share(count, row.index)
            let isRight = row.index == column.index
            return Cell(
                strength: isRight ? nil : highest > 0 ? share / highest : 0, text: count > 0 ? Self.short(count) : nil,
                title: "\(row.name) taken for \(column.name): \(NumberText.count(count, "picture")), "
                    + NumberText.percent(share))
        }
    }

    /// A count that is short enough for a cell.
    private static func short(_ count: Int) -> String {
        count < 1000 ? String(count) : NumberText.decimal(Double(count) / 1000, count < 10_000 ? 1 : 0) + "k"
    }
}
