/// A part of the page with a heading of its own.
protocol PageSection {
    /// The anchor that the contents link to.
    var id: String { get }
    var title: String { get }
    /// What the figures show, in a sentence or two.
    var summary: String { get }
    /// The figures and tables; empty where there is nothing to show.
    func body() -> [Markup]
}

extension PageSection {
    /// Either the figures or, without any, why there are none.
    func markup() -> Markup {
        .tag(
            "section", ["id": id, "aria-labelledby": id + "-title"],
            [.tag("h2", ["id": id + "-title"], title), .tag("p", ["class": "summary"], summary)] + body())
    }
}
