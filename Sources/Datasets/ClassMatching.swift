/// The class of a network for each class of a dataset.
///
/// Classes are matched by name: the network's names, or other names of its classes such as ImageNet's WordNet ids. If some
/// names do not match, case and word separators are ignored. Numbers are indices of classes: from 0, or from 1 if there is no
/// 0 and one of them is the number of classes. Classes that cannot be matched otherwise are matched in order, if there are as
/// many on both sides.
package struct ClassMatching: Sendable, Hashable {
    /// The index of the network's class for each class of the dataset.
    package let indices: [Int]
    /// Whether classes are matched only by the order of their names.
    package let isByOrder: Bool

    /// Matches the classes of a dataset with those of a network.
    ///
    /// - Parameters:
    ///   - classes: The names of the dataset's classes.
    ///   - names: The names of the network's classes, in the order of its logits; nil if it has none.
    ///   - others: Other names of the network's classes, in the same order.
    ///   - count: The number of the network's classes.
    ///   - path: The dataset's path, for errors.
    /// - Throws: ``DatasetError`` if the network lacks a class of the dataset, or if the match is ambiguous.
    package init(
        _ classes: [String], to names: [String]?, others: [[String]] = [], count: Int, path: String
    ) throws(DatasetError) {
        for names in [names].compactMap({ $0 }) + others {
            let places = Dictionary(zip(names, names.indices)) { first, _ in first }
            let found = classes.compactMap { places[$0] }
            if found.count == classes.count {
                indices = found
                isByOrder = false
                return
            }
        }
        if let numbers = Self.numbers(classes, count: count) {
            indices = numbers
            isByOrder = false
            return
        }
        for names in [names].compactMap({ $0 }) + others {
            guard let found = Self.alike(classes, names) else { continue }
            indices = found
            isByOrder = false
            return
        }
        if let names {
            throw .unknownClass(path: path, name: classes.first { !names.contains($0) } ?? "", classes: names)
        }
        guard classes.count <= count else { throw .tooManyClasses(path: path, found: classes.count, classes: count) }
        guard classes.count == count else {
            throw .unknownOrder(path: path, found: classes.count, classes: count)
        }
        indices = Array(classes.indices)
        isByOrder = true
    }

    /// The indices of names, ignoring case and word separators; nil if one does not match, or if two match the same name.
    private static func alike(_ classes: [String], _ names: [String]) -> [Int]? {
        func plain(_ name: String) -> String {
            name.lowercased().split { $0.isWhitespace || $0 == "_" || $0 == "-" }.joined(separator: " ")
        }
        let places = Dictionary(grouping: names.indices) { plain(names[$0]) }
        let found = classes.compactMap { name in places[plain(name)].flatMap { $0.count == 1 ? $0.first : nil } }
        return found.count == classes.count && Set(found).count == found.count ? found : nil
    }

    /// The indices that the names are the numbers of; nil if they are not numbers, or out of range.
    private static func numbers(_ classes: [String], count: Int) -> [Int]? {
        let numbers = classes.compactMap { Int($0) }
        guard numbers.count == classes.count, Set(numbers).count == numbers.count, let first = numbers.min(),
            let last = numbers.max(), first >= 0
        else { return nil }
        if last < count { return numbers }
        return first >= 1 && last == count ? numbers.map { $0 - 1 } : nil
    }

    /// Names in the order of their labels: by value if all are numbers, or else as text.
    static func sorted(_ names: some Collection<String>) -> [String] {
        let numbers = names.compactMap { Int($0) }
        guard numbers.count == names.count else { return names.sorted() }
        return names.sorted { left, right in
            let (first, second) = (Int(left) ?? 0, Int(right) ?? 0)
            return first == second ? left < right : first < second
        }
    }
}
