/// The page's title, what it is about, and its contents.
struct PageHeader {
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
