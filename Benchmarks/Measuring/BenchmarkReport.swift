import Terminal

/// What a run prints: where and how was measured, the tables, and how to read them.
struct BenchmarkReport {
    let title: String
    let conditions: Conditions
    /// What else was chosen.
    let settings: [(name: String, value: String)]
    let tables: [Table]
    /// Instead of `tables`, in Markdown; nil for the same.
    var markdownTables: [Table]?
    let notes: [String]

    /// A table, and a line below it if there is something to say of it.
    struct Table {
        let table: TextTable
        var verdict: String?
    }

    /// As printed.
    var text: String {
        let header = [title] + (conditions.facts + settings).map { $0.name.padding(to: 12) + $0.value }
        let tables = tables.map { ([$0.table.text] + [$0.verdict].compactMap { $0 }).joined(separator: "\n") }
        let notes = notes.map { $0.wrapped(width: 118, indent: "  ") }
        return ([header.joined(separator: "\n")] + tables + [notes.joined(separator: "\n")]).joined(separator: "\n\n")
    }

    /// The tables and notes as part of a document in Markdown, which names the machine and its device itself.
    var markdown: String {
        let tables = (markdownTables ?? tables).flatMap { [$0.table.markdown] + [$0.verdict].compactMap { $0 } }
        let settings = settings.map { "\($0.name): \($0.value)" }.joined(separator: "; ")
        let notes = ([settings] + notes).map { "- " + $0.wrapped(width: 118, indent: "  ") }
        return (tables + [notes.joined(separator: "\n")]).joined(separator: "\n\n")
    }
}

extension String {
    fileprivate func padding(to length: Int) -> String { self + String(repeating: " ", count: max(length - count, 1)) }
}
