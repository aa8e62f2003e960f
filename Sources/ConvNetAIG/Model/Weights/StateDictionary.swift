/// The tensors of one network among those of a file. A file may put prefixes before names, as in `module.conv1.weight`, and may
/// hold several networks, such as the trained one and one of averaged weights.
struct StateDictionary {
    /// The prefix of the network's tensors.
    let prefix: String
    /// The tensors by the authors' names; those that have none by their own.
    private(set) var tensors: [String: SourceTensor] = [:]
    /// Tensors whose canonical name another one has already.
    private(set) var copies: [WeightsMismatch.Problem] = []
    /// Mean and standard deviation of a layer before the network that normalises images.
    private(set) var normalization: (mean: SourceTensor, std: SourceTensor)?
    /// What was chosen where there was a choice, and what was left out.
    private(set) var notes: [String] = []

    /// Finds the network's tensors.
    ///
    /// - Parameters:
    ///   - tensors: All tensors of the file.
    ///   - source: The file's name in errors.
    ///   - key: The prefix of the network, or a part of it, if the file holds several.
    /// - Throws: ``WeightsError/noSuchKey(source:key:keys:)``.
    init(of tensors: [SourceTensor], source: String, key: String?) throws(WeightsError) {
        let names = tensors.map(\.unprefixed)
        let choices = Self.withoutOtherTeachers(PrefixedNames.choices(names), tensors)
        let choice: PrefixedNames?
        if let key {
            let matching = choices.filter { $0.matches(key) }
            guard let best = PrefixedNames.best(of: matching) else {
                let complete = choices.filter(\.isComplete)
                let keys = (complete.isEmpty ? choices : complete).map(\.label).filter { !$0.isEmpty }
                throw .noSuchKey(source: source, key: key, keys: keys.sorted())
            }
            choice = best
        } else {
            choice = PrefixedNames.best(of: choices)
        }
        prefix = choice?.prefix ?? ""
        if key == nil, let choice { noteOthers(choice, among: choices) }
        let others = choices.filter { $0.prefix != prefix }.map { Set($0.names.values) }
        take(tensors, isOthers: { index in others.contains { $0.contains(index) } })
    }

    /// The choices, with a teacher taken for the student's average only if both have the same shapes: otherwise it is another
    /// network, from which the student learned.
    private static func withoutOtherTeachers(
        _ choices: [PrefixedNames], _ tensors: [SourceTensor]
    ) -> [PrefixedNames] {
        let students = choices.filter { $0.isComplete && $0.mentions("student") }
        guard !students.isEmpty else { return choices }
        func shapes(_ choice: PrefixedNames) -> [String: [Int]] { choice.names.mapValues { tensors[$0].shape } }
        return choices.map { choice in
            guard choice.mentions("teacher"), !students.contains(where: { shapes($0) == shapes(choice) }) else {
                return choice
            }
            var other = choice
            other.isAveraged = false
            return other
        }
    }

    /// Divides the tensors into those of the network and the rest.
    private mutating func take(_ all: [SourceTensor], isOthers: (Int) -> Bool) {
        let channels = all.first {
            $0.unprefixed.hasPrefix(prefix)
                && KeyDialect.canonicalName($0.unprefixed.dropFirst(prefix.count)) == "conv1.weight"
        }.flatMap { $0.shape.count == 4 ? $0.shape[1] : nil }
        var statistics: [String: [String: SourceTensor]] = [:]
        var left: [String] = []
        for (index, tensor) in all.enumerated() where !KeyDialect.isCounter(tensor.unprefixed) {
            let isInside = tensor.unprefixed.hasPrefix(prefix)
            let name = isInside ? String(tensor.unprefixed.dropFirst(prefix.count)) : tensor.unprefixed
            if isInside, let canonical = KeyDialect.canonicalName(name) {
                if let first = tensors[canonical] {
                    copies.append(.init(tensor: tensor.name, detail: "means the same as \(first.name)"))
                } else {
                    tensors[canonical] = tensor
                }
            } else if let channels, let statistic = Self.statistic(tensor, channels: channels) {
                statistics[statistic.layer, default: [:]][statistic.kind] = tensor
            } else if isInside {
                if tensors.updateValue(tensor, forKey: name) != nil {
                    copies.append(.init(tensor: tensor.name, detail: "is there twice"))
                }
            } else if !tensor.shape.isEmpty, !isOthers(index) {
                // Single numbers are no tensors of a network; one may be the best accuracy so far.
                left.append(tensor.name)
            }
        }
        let pairs = statistics.sorted { $0.key < $1.key }.compactMap { _, found in
            found["mean"].flatMap { mean in found["std"].map { (mean, $0) } }
        }
        normalization = pairs.first
        if !left.isEmpty {
            let some = left.sorted().prefix(3).map { String($0.prefix(100)) }.joined(separator: ", ")
            notes.append(
                "Left out, as \(left.count == 1 ? "it is" : "they are") no part of the network: \(some)"
                    + (left.count > 3 ? " and \(left.count - 3) more" : "") + ".")
        }
    }

    /// The layer and kind of a tensor such as `0.mean` or `normalize.std` that has a number for each channel.
    private static func statistic(_ tensor: SourceTensor, channels: Int) -> (layer: String, kind: String)? {
        let name = tensor.unprefixed
        let last = name.split(separator: ".").last ?? ""
        let kinds = ["mean": "mean", "std": "std", "image_mean": "mean", "image_std": "std", "pixel_mean": "mean"]
        guard let kind = kinds[String(last)] ?? (last == "pixel_std" ? "std" : nil),
            tensor.shape.count <= 4, tensor.shape.allSatisfy({ $0 == 1 || $0 == channels }),
            tensor.shape.count(where: { $0 == channels }) == 1 || channels == 1
        else { return nil }
        return (String(name.dropLast(last.count)), kind)
    }

    private mutating func noteOthers(_ choice: PrefixedNames, among choices: [PrefixedNames]) {
        let others = choices.filter { $0.isComplete && $0.prefix != choice.prefix }
        guard choice.isComplete, !others.isEmpty else { return }
        func name(_ names: PrefixedNames) -> String {
            (names.label.isEmpty ? "the top" : String(names.label.prefix(100)))
                + (names.isAveraged ? " (averaged)" : "")
        }
        let listed = others.prefix(5).map(name).joined(separator: ", ") + (others.count > 5 ? ", …" : "")
        notes.append(
            "There are weights of several networks. Those under \(name(choice)) were taken; another key (--key) takes "
                + "others: \(listed).")
    }
}

/// Names of tensors that are known ones behind a common prefix.
struct PrefixedNames {
    /// The prefix, which ends with a dot unless it is empty.
    let prefix: String
    /// The tensors' indices by canonical name.
    let names: [String: Int]
    /// Whether the tensors are means over several steps of training.
    var isAveraged: Bool

    /// The prefix without its final dot, as users give it.
    var label: String { String(prefix.dropLast()) }

    private var parts: [Substring] { label.split(separator: ".") }

    /// Whether there are tensors of each part of a network. An optimizer's state has no running statistics.
    var isComplete: Bool {
        names["conv1.weight"] != nil && names["bn1.running_var"] != nil && names["linear.weight"] != nil
            && names.keys.contains { $0.hasPrefix("layer1.0.") }
    }

    /// Whether a word occurs in the prefix.
    func mentions(_ word: String) -> Bool { prefix.lowercased().split { !$0.isLetter }.contains { $0 == word } }

    /// Whether a key means these names: it is one or several consecutive parts of the prefix.
    func matches(_ key: String) -> Bool {
        let wanted = key.split(separator: ".")
        let parts = parts
        guard !wanted.isEmpty, wanted.count <= parts.count else { return false }
        return (0...(parts.count - wanted.count)).contains { parts[$0...].starts(with: wanted) }
    }

    // MARK: Finding

    /// The most prefixes to consider: more than any real file has, and few enough to compare all pairs.
    private static let maximumChoices = 500

    /// The prefixes before known names, without those whose tensors are known under a shorter prefix already.
    static func choices(_ names: [String]) -> [PrefixedNames] {
        var found: [String: [String: Int]] = [:]
        for (index, name) in names.enumerated() {
            // A known name is the end of a name, and has few parts.
            var dots = name.utf8.indices.filter { name.utf8[$0] == UInt8(ascii: ".") }.suffix(KeyDialect.maximumParts)
                .map { name.utf8.index(after: $0) }
            if dots.count < KeyDialect.maximumParts { dots.insert(name.startIndex, at: 0) }
            for start in dots {
                guard let canonical = KeyDialect.canonicalName(name[start...]) else { continue }
                found[String(name[..<start]), default: [:]][canonical] = index
            }
        }
        // Those with the most tensors come first, and among them the shorter.
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
            PrefixedNames(prefix: $0.prefix, names: $0.names, isAveraged: isAveraged($0.prefix, counters: counters))
        }
    }

    /// Whether a prefix says that the weights are averaged, or is beside the counter of PyTorch's AveragedModel.
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

    /// The keys under which training scripts keep the weights that are to be used, the likeliest first.
    private static let usualKeys: [Substring] = [
        "state_dict", "model_state_dict", "model", "net", "network", "module", "student",
    ]

    /// The best choice: complete networks first, then averaged weights, then by key and name.
    static func best(of choices: [PrefixedNames]) -> PrefixedNames? {
        let complete = choices.filter(\.isComplete)
        guard !complete.isEmpty else {
            return choices.min { ($1.names.count, $0.prefix.utf8.count) < ($0.names.count, $1.prefix.utf8.count) }
        }
        func rank(_ choice: PrefixedNames) -> (Int, Int, Int) {
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
