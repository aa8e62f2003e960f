import Charts

/// A report as one HTML page that needs no other files: its style, its charts and its images are part of it, and it runs no
/// scripts.
///
/// The same figures give the same text.
public struct ReportPage: Sendable {
    private let figures: ReportFigures

    /// Makes the page of a report's figures.
    public init(_ figures: ReportFigures) {
        self.figures = figures
    }

    /// The page's text, which is well-formed XML as well.
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

/// The page's title, the facts about the network and the data, and the table of contents.
private struct PageHeader {
    let figures: ReportFigures

    func markup(sections: [any PageSection]) -> Markup {
        let model = figures.model
        let gated = model.blocks.count { $0.isGated }
        let facts = [
            ("Network", model.name),
            ("Parameters", NumberText.count(model.parameters)),
            ("Dense MACs", NumberText.count(model.denseMACs)),
            ("Blocks", "\(model.blocks.count), \(gated) of them gated"),
            ("Gates decide by", model.policy),
            ("Pictures", "\(NumberText.count(figures.data.images)) of \(figures.data.name)"),
            ("Classes", NumberText.count(model.classes.count)),
            ("Device", model.device),
        ]
        let links = sections.map { section in
            Markup.tag("li", [:], [.tag("a", ["href": "#" + section.id], section.title)])
        }
        return .tag(
            "header", [:],
            [
                .tag("p", ["class": "kicker"], "Adaptive inference graphs: report"),
                .tag("h1", [:], "\(model.name) on \(figures.data.name)"),
                .tag(
                    "dl", ["class": "facts"],
                    facts.map { .tag("div", [:], [.tag("dt", [:], $0.0), .tag("dd", [:], $0.1)]) }),
                .tag("nav", ["aria-label": "Contents"], [.tag("ul", [:], links)]),
            ])
    }
}

/// Notes on how to read the figures, and the images that are not among them.
private struct PageFooter {
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
