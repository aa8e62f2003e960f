import Charts

/// Accuracy and cost against the ResNet, and the paper's claims.
struct HeadlineSection: PageSection {
    let figures: ReportFigures
    private let contenders: Contenders

    let id = "headline"
    let title = "Accuracy and cost"

    init(figures: ReportFigures) {
        self.figures = figures
        contenders = Contenders(figures)
    }

    var summary: String {
        guard let own = contenders.own else { return "No network was measured." }
        let beginning =
            "\(own.name) classifies \(NumberText.percent(own.top1)) of "
            + "\(NumberText.count(figures.data.images, "picture")) correctly"
            + (own.top1Interval.map { " (95 % interval \(NumberText.interval($0)))" } ?? "")
            + " with \(NumberText.short(own.meanMACs)) MACs per picture on average, \(NumberText.percent(contenders.share(own))) of what it needs if every block "
            + "runs."
        guard let resNet = contenders.resNet, resNet.meanMACs > 0 else {
            return beginning + " No ResNet was measured beside it."
        }
        return beginning + " " + comparison(own, resNet)
    }

    private func comparison(_ own: ContenderFigures, _ resNet: ContenderFigures) -> String {
        let points = NumberText.decimal(abs(100 * (own.top1 - resNet.top1)), 1)
        let accuracy: String
        if points == "0.0" {
            accuracy = "the same accuracy"
        } else {
            accuracy = "\(points) percentage points \(own.top1 > resNet.top1 ? "more" : "less") accuracy"
        }
        let saved = 1 - own.meanMACs / resNet.meanMACs
        let cost = "\(NumberText.percent(abs(saved))) \(saved >= 0 ? "fewer" : "more") MACs"
        return "Against \(resNet.name), which reaches \(NumberText.percent(resNet.top1)) with "
            + "\(NumberText.short(resNet.meanMACs)) MACs, that is \(accuracy) for \(cost)."
    }

    func body() -> [Markup] {
        var result: [Markup] = []
        if let comparison = figures.comparison {
            result.append(.tag("p", ["class": "comparison"], PairedComparison(figures: comparison).text))
        }
        if !contenders.all.isEmpty { result.append(table) }
        if !figures.claims.isEmpty {
            result.append(.tag("h3", [:], "The paper’s claims"))
            result.append(.tag("p", ["class": "summary"], verdicts))
            result.append(.tag("ul", ["class": "claims"], figures.claims.map(claim)))
        }
        return result
    }

    private var table: Markup {
        let rows = contenders.all.enumerated().map { index, contender -> [TableMarkup.Cell] in
            let own = contender == contenders.own ? "own" : ""
            let name = Markup.tag("span", ["class": own.isEmpty ? "contender" : "own"], contender.name)
            return [
                TableMarkup.Cell(children: [.text(Contenders.letter(index) + "\u{2002}"), name]),
                .share(contender.top1, contender.top1Interval, classes: own),
                .share(contender.top5, contender.top5Interval, classes: own),
                .text(NumberText.short(contender.meanMACs), classes: own),
                .text(NumberText.percent(contenders.share(contender)), classes: own),
                .text(NumberText.milliseconds(contender.latency), classes: own),
            ]
        }
        return TableMarkup(
            caption:
                "Networks on the same pictures, with 95 % intervals of accuracies. The share is of the MACs of \(figures.model.name) with every block "
                + "running; latency is the median for one picture at a time.",
            columns: [
                TableMarkup.Column(name: "Network", isNumber: false), TableMarkup.Column(name: "Top-1"),
                TableMarkup.Column(name: "Top-5"), TableMarkup.Column(name: "Mean MACs"),
                TableMarkup.Column(name: "Share"), TableMarkup.Column(name: "Latency"),
            ], rows: rows, classes: "contenders"
        ).markup()
    }

    private var verdicts: String {
        let counts = Claim.Verdict.allCases.compactMap { verdict -> String? in
            let count = figures.claims.count { $0.verdict == verdict }
            guard count > 0 else { return nil }
            switch verdict {
            case .holds: return count == 1 ? "1 holds" : "\(count) hold"
            case .fails: return count == 1 ? "1 does not hold" : "\(count) do not hold"
            case .unknown: return count == 1 ? "1 is not known" : "\(count) are not known"
            }
        }
        return "Of \(NumberText.count(figures.claims.count, "claim")), \(NumberText.list(counts)) in these figures."
    }

    private func claim(_ claim: Claim) -> Markup {
        let words: String
        switch claim.verdict {
        case .holds: words = "✓ holds"
        case .fails: words = "✗ does not hold"
        case .unknown: words = "– not known"
        }
        return .tag(
            "li", [:],
            [
                .tag("span", ["class": "verdict \(claim.verdict.rawValue)"], words),
                .tag(
                    "div", [:], [.tag("p", [:], claim.text), .tag("p", ["class": "evidence"], claim.evidence)]),
            ])
    }
}

/// The accuracies of two networks on the same images, in words.
private struct PairedComparison {
    let figures: ComparisonFigures

    var text: String {
        let counts = figures.counts
        guard let difference = figures.difference, let interval = figures.interval else {
            return "There is no picture that \(figures.first) and \(figures.second) both classified."
        }
        let images =
            "Of the \(NumberText.count(counts.count, "picture")) that both classified"
            + (figures.leftOut > 0
                ? " (\(NumberText.count(figures.leftOut)) that could not be read are left out)" : "")
        return images
            + ", \(NumberText.count(counts.discordant)) tell them apart: \(figures.first) alone is right about "
            + "\(NumberText.count(counts.onlyFirst)), \(figures.second) alone about "
            + "\(NumberText.count(counts.onlySecond)). The difference of \(NumberText.signed(100 * difference, 2)) "
            + "percentage points has a 95 % interval of \(NumberText.points(interval)); McNemar’s test "
            + "(\(method)) gives \(NumberText.probability(figures.test.p))."
    }

    private var method: String {
        guard let statistic = figures.test.statistic else { return "exact" }
        return "χ² = \(NumberText.decimal(statistic, 2)), corrected for continuity"
    }
}
