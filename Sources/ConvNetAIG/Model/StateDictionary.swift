/// The tensors of one network among those of a file. A file may wrap its names, such as in `module.conv1.weight`, and may
/// hold several networks, such as one as trained and one of averaged weights.
struct StateDictionary {
    /// What stands before the names of the network's tensors.
    let prefix: String
    /// The tensors by the authors' names; those of other names by their own.
    private(set) var tensors: [String: WeightsCandidate] = [:]
    /// Tensors whose canonical name another one had first.
    private(set) var copies: [WeightsMismatch.Problem] = []
    /// Mean and standard deviation of a layer before the network that normalises pictures.
    private(set) var normalization: (mean: WeightsCandidate, std: WeightsCandidate)?
    /// What was chosen where there was a choice, and what was left out.
    private(set) var notes: [String] = []

    /// Finds the network's tensors.
    ///
    /// - Parameters:
    ///   - key: the part of the names that says which network is meant where a file holds several.
    /// - Throws: ``WeightsError/noSuchKey(source:key:keys:)``.
    init(of candidates: [WeightsCandidate], source: String, key: String?) throws(WeightsError) {
        let names = candidates.map(\.unprefixed)
        let choices = Self.withoutOtherTeachers(WrappedNames.choices(names), candidates)
        let choice: WrappedNames?
        if let key {
            let matching = choices.filter { $0.matches(key) }
            guard let best = WrappedNames.best(of: matching) else {
                let complete = choices.filter(\.isComplete)
                let keys = (complete.isEmpty ? choices : complete).map(\.label).filter { !$0.isEmpty }
                throw .noSuchKey(source: source, key: key, keys: keys.sorted())
            }
            choice = best
        } else {
            choice = WrappedNames.best(of: choices)
        }
        prefix = choice?.prefix ?? ""
        if key == nil, let choice { noteOthers(choice, among: choices) }
        let others = choices.filter { $0.prefix != prefix }.map { Set($0.names.values) }
        take(candidates, isOthers: { index in others.contains { $0.contains(index) } })
    }

    /// A teacher is the student's average where both are of one shape, and otherwise another network that the student
    /// learned from.
    private static func withoutOtherTeachers(
        _ choices: [WrappedNames], _ candidates: [WeightsCandidate]
    ) -> [WrappedNames] {
        let students = choices.filter { $0.isComplete && $0.mentions("student") }
        guard !students.isEmpty else { return choices }
        func shapes(_ choice: WrappedNames) -> [String: [Int]] { choice.names.mapValues { candidates[$0].shape } }
        return choices.map { choice in
            guard choice.mentions("teacher"), !students.contains(where: { shapes($0) == shapes(choice) }) else {
                return choice
            }
            var other = choice
            other.isAveraged = false
            return other
        }
    }

    /// Sorts the tensors into those of the network and the rest.
    private mutating func take(_ candidates: [WeightsCandidate], isOthers: (Int) -> Bool) {
        let channels = candidates.first {
            $0.unprefixed.hasPrefix(prefix)
                && KeyDialect.canonicalName($0.unprefixed.dropFirst(prefix.count)) == "conv1.weight"
        }.flatMap { $0.shape.count == 4 ? $0.shape[1] : nil }
        var statistics: [String: [String: WeightsCandidate]] = [:]
        var left: [String] = []
        for (index, tensor) in candidates.enumerated() where !KeyDialect.isCounter(tensor.unprefixed) {
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
                // Single numbers are such as the best accuracy so far.
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

    /// The layer and kind of a tensor such as `0.mean` or `normalize.std`, of a number for each channel.
    private static func statistic(_ tensor: WeightsCandidate, channels: Int) -> (layer: String, kind: String)? {
        let name = tensor.unprefixed
        let last = name.split(separator: ".").last ?? ""
        let kinds = ["mean": "mean", "std": "std", "image_mean": "mean", "image_std": "std", "pixel_mean": "mean"]
        guard let kind = kinds[String(last)] ?? (last == "pixel_std" ? "std" : nil),
            tensor.shape.count <= 4, tensor.shape.allSatisfy({ $0 == 1 || $0 == channels }),
            tensor.shape.count(where: { $0 == channels }) == 1 || channels == 1
        else { return nil }
        return (String(name.dropLast(last.count)), kind)
    }

    private mutating func noteOthers(_ choice: WrappedNames, among choices: [WrappedNames]) {
        let others = choices.filter { $0.isComplete && $0.prefix != choice.prefix }
        guard choice.isComplete, !others.isEmpty else { return }
        func name(_ names: WrappedNames) -> String {
            (names.label.isEmpty ? "the top" : String(names.label.prefix(100)))
                + (names.isAveraged ? " (averaged)" : "")
        }
        let listed = others.prefix(5).map(name).joined(separator: ", ") + (others.count > 5 ? ", …" : "")
        notes.append(
            "There are weights of several networks. Those under \(name(choice)) were taken; another key (--key) takes "
                + "others: \(listed).")
    }
}
