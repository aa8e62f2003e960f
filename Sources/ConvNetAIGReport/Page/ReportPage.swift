/// A report as one HTML page that needs nothing else: its style and its charts are part of it, and it runs no scripts.
///
/// The same figures give the same text.
public struct ReportPage: Sendable {
    private let figures: ReportFigures

    public init(_ figures: ReportFigures) {
        self.figures = figures
    }

    /// The page. It is well-formed XML, too.
    public func html() -> String {
        let title = "\(figures.model.name) on \(figures.data.name)"
        let head = Markup.tag(
            "head", [:],
            [
                .tag("meta", ["charset": "utf-8"]),
                .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .tag("meta", ["name": "color-scheme", "content": "light dark"]),
                .tag("title", [:], title), .style(StyleSheet.css),
            ])
        let sections = sections
        let body = Markup.tag(
            "body", [:],
            [
                PageHeader(figures: figures).markup(sections: sections),
                .tag("main", [:], sections.map { $0.markup() }),
                PageFooter(figures: figures).markup(),
            ])
        return "<!DOCTYPE html>\n" + Markup.tag("html", ["lang": "en"], [head, body]).html + "\n"
    }

    private var sections: [any PageSection] {
        var sections: [any PageSection] = [
            HeadlineSection(figures: figures), ExecutionRateSection(figures: figures),
            ClassRateSection(figures: figures), DepthSection(figures: figures), ExampleSection(figures: figures),
            GraphSection(figures: figures), SimilaritySection(figures: figures), BudgetSection(figures: figures),
            LatencySection(figures: figures),
        ]
        if let confusion = figures.confusion {
            sections.insert(ConfusionSection(model: figures.model, confusion: confusion), at: 1)
        }
        if let robustness = figures.robustness {
            sections.append(RobustnessSection(model: figures.model, robustness: robustness))
        }
        return sections
    }
}
