/// Which classes the network takes for which.
struct ConfusionSection: PageSection {
    let model: ModelFigures
    let confusion: ConfusionMatrix

    let id = "confusion"
    let title = "Confusions of classes"

    /// A matrix of more classes than these cannot be taken in; their confusions are listed.
    static let shownClasses = 40
    /// Confusions that are listed.
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
