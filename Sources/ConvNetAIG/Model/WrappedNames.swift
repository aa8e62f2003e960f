/// Names of tensors that become known ones when a prefix is taken away.
struct WrappedNames {
    /// Ends with a dot, if it is not empty.
    let prefix: String
    /// Which tensors there are under which canonical names.
    let names: [String: Int]
    /// Whether they are a mean of those at several times of training.
    var isAveraged: Bool

    /// The prefix as people give it.
    var label: String { String(prefix.dropLast()) }

    private var parts: [Substring] { label.split(separator: ".") }

    /// Whether there is something of each part of a network. An optimizer's state has no running statistics.
    var isComplete: Bool {
        names["conv1.weight"] != nil && names["bn1.running_var"] != nil && names["linear.weight"] != nil
            && names.keys.contains { $0.hasPrefix("layer1.0.") }
    }

    /// Whether a word is part of the prefix.
    func mentions(_ word: String) -> Bool { prefix.lowercased().split { !$0.isLetter }.contains { $0 == word } }

    /// Whether a key names these: it is a part of the prefix, or several.
    func matches(_ key: String) -> Bool {
        let wanted = key.split(separator: ".")
        let parts = parts
        guard !wanted.isEmpty, wanted.count <= parts.count else { return false }
        return (0...(parts.count - wanted.count)).contains { parts[$0...].starts(with: wanted) }
    }

    // MARK: Finding

    /// More than any file has, and few enough to compare with one another.
    private static let maximumChoices = 500

    /// The prefixes that leave known names, without those whose tensors are known under a shorter prefix already.
    static func choices(_ names: [String]) -> [WrappedNames] {
        var found: [String: [String: Int]] = [:]
        for (index, name) in names.enumerated() {
            // A known name is a number of the last parts, of which it has few.
            var dots = name.utf8.indices.filter { name.utf8[$0] == UInt8(ascii: ".") }.suffix(KeyDialect.longestName)
                .map { name.utf8.index(after: $0) }
            if dots.count < KeyDialect.longestName { dots.insert(name.startIndex, at: 0) }
            for start in dots {
                guard let canonical = KeyDialect.canonicalName(name[start...]) else { continue }
                found[String(name[..<start]), default: [:]][canonical] = index
            }
        }
        // Those of the most tensors, the shorter before the longer.
        let ordered = found.sorted {
            ($1.value.count, $0.key.utf8.count, $0.key) < ($0.value.count, $1.key.utf8.count, $1.key)
        }.prefix(maximumChoices)
        var kept: [(prefix: String, names: [String: Int], indices: Set<Int>)] = []
        for (prefix, names) in ordered.sorted(by: { ($0.key.utf8.count, $0.key) < ($1.key.utf8.count, $1.key) }) {
            let indices = Set(names.values)
            guard !kept.contains(where: { prefix.hasPrefix($0.prefix) && $0.indices.isSuperset(of: indices) }) else {
                continue
            }
            kept.append((prefix, names, indices))
        }
        let counters = Set(names.filter { $0 == "n_averaged" || $0.hasSuffix(".n_averaged") })
        return kept.map {
            WrappedNames(prefix: $0.prefix, names: $0.names, isAveraged: isAveraged($0.prefix, counters: counters))
        }
    }

    /// Whether a prefix says that weights are averaged, or PyTorch's AveragedModel counts them beside it.
    private static func isAveraged(_ prefix: String, counters: Set<String>) -> Bool {
        let words = prefix.lowercased().split { !$0.isLetter }
        let averaged: Set<Substring> = ["ema", "modelema", "emamodel", "averaged", "average", "avg", "swa", "teacher"]
        if words.contains(where: averaged.contains) { return true }
        guard !counters.isEmpty else { return false }
        var parent = Substring(prefix)
        while true {
            if counters.contains(parent + "n_averaged") { return true }
            guard !parent.isEmpty else { return false }
            parent = parent.dropLast()
            while let last = parent.last, last != "." { parent = parent.dropLast() }
        }
    }

    // MARK: Choosing

    /// What training scripts call the weights that are meant to be used, the likeliest first.
    private static let usualKeys: [Substring] = [
        "state_dict", "model_state_dict", "model", "net", "network", "module", "student",
    ]

    /// Complete networks before others; averaged weights before those of the last step; then by name.
    static func best(of choices: [WrappedNames]) -> WrappedNames? {
        let complete = choices.filter(\.isComplete)
        guard !complete.isEmpty else {
            return choices.min { ($1.names.count, $0.prefix.utf8.count) < ($0.names.count, $1.prefix.utf8.count) }
        }
        func rank(_ choice: WrappedNames) -> (Int, Int, Int) {
            let parts = choice.parts
            let usual = parts.compactMap { usualKeys.firstIndex(of: $0) }.min() ?? usualKeys.count
            return (choice.isAveraged ? 0 : 1, parts.isEmpty ? -1 : usual, parts.count)
        }
        return complete.min { (rank($0), $0.prefix) < (rank($1), $1.prefix) }
    }
}

private func < (first: ((Int, Int, Int), String), second: ((Int, Int, Int), String)) -> Bool {
    first.0 == second.0 ? first.1 < second.1 : first.0 < second.0
}
