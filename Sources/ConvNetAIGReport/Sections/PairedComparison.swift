/// Two networks' accuracy on the same images, in words.
struct PairedComparison {
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
