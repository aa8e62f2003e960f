import Terminal

/// The output of a run: where and how it measured, the tables, and how to read them.
struct BenchmarkReport {
    let title: String
    let conditions: Conditions
    /// Options that matter for the figures.
    let settings: [(name: String, value: String)]
    let tables: [Table]
    /// The tables and notes for Markdown; nil for the same as `tables` and `notes`.
    var page: Page?
    let notes: [String]

    /// Tables with other columns than those of the terminal, and how to read these.
    struct Page {
        let tables: [Table]
        let notes: [String]
    }

    /// A table, and a conclusion below it.
    struct Table {
        let table: TextTable
        var verdict: String?
    }

    /// The report as it is printed.
    var text: String {
        let header = [title] + (conditions.facts + settings).map { $0.name.padding(to: 12) + $0.value }
        let tables = tables.map { ([$0.table.text] + [$0.verdict].compactMap { $0 }).joined(separator: "\n") }
        let notes = notes.map { $0.wrapped(width: 118, indent: "  ") }
        return ([header.joined(separator: "\n")] + tables + [notes.joined(separator: "\n")]).joined(separator: "\n\n")
    }

    /// The tables and notes as part of a document in Markdown, which names the machine and its device itself.
    var markdown: String {
        let page = page ?? Page(tables: tables, notes: notes)
        let tables = page.tables.flatMap { [$0.table.markdown] + [$0.verdict].compactMap { $0 } }
        let settings = settings.map { "\($0.name): \($0.value)" }.joined(separator: "; ")
        let notes = ([settings] + page.notes).map { "- " + $0.wrapped(width: 118, indent: "  ") }
        return (tables + [notes.joined(separator: "\n")]).joined(separator: "\n\n")
    }
}

extension String {
    fileprivate func padding(to length: Int) -> String { self + String(repeating: " ", count: max(length - count, 1)) }
}
