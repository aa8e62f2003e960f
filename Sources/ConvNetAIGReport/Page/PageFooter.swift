/// What has to be known to read the figures, and the images that are not among them.
struct PageFooter {
    let figures: ReportFigures

    func markup() -> Markup {
        let skipped = figures.data.skipped
        var children: [Markup] = [
            .tag("h2", [:], "Notes"),
            .tag(
                "p", [:],
                "MACs are multiply-accumulates per picture, those of the gates included; dense MACs are those of a picture that "
                    + "runs every block. Accuracy is the share of pictures "
                    + "whose likeliest class is the right one (top-1), or whose right class is among the five likeliest "
                    + "(top-5). Intervals hold 95 %: Wilson’s score interval for an accuracy, and Newcombe’s interval "
                    + "for paired proportions for the difference of two networks’. Blocks without a gate always run and count as executed. Times are medians for one "
                    + "picture at a time on \(figures.model.device)."),
        ]
        if skipped.isEmpty {
            children.append(.tag("p", [:], "Every picture could be read."))
        } else {
            children.append(
                .tag(
                    "details", [:],
                    [
                        .tag("summary", [:], NumberText.count(skipped.count, "picture") + " could not be read"),
                        .tag("ul", [:], skipped.map { .tag("li", [:], $0) }),
                    ]))
        }
        return .tag("footer", [:], children)
    }
}
